#include "recur/nn/fake_int8.h"

#include "recur/autograd/node.h"
#include "recur/kernels/round_row.h"

namespace recur {
namespace {

thread_local bool trains_for_int8 = false;

}  // namespace

Tensor fake_int8(const Tensor& x) {
  if (x.rank() != 2) fail("fake_int8: expected a matrix, got {}", x.shape().str());
  Tensor rounded = x.clone().detach();
  dispatch_float("fake_int8", x.dtype(), [&](auto zero) {
    auto* at = rounded.data<decltype(zero)>();
    for (int64_t row = 0; row < x.size(0); ++row) kernels::round_row(at + row * x.size(1), x.size(1));
  });
  return autograd::record("fake_int8", {x}, rounded, [](const autograd::VjpArgs& v) { return Tensors{v.grad()}; });
}

Int8Training::Int8Training(bool on) : before_(trains_for_int8) { trains_for_int8 = on; }
Int8Training::~Int8Training() { trains_for_int8 = before_; }
bool Int8Training::is_on() { return trains_for_int8; }

}  // namespace recur
