#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "recur/ops/scan.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

// in: x [T, B, F], h [B, F], weight [F, F], lengths [B] or undefined. States after, then every h and its square.
OpCase loop(const char* name, bool reverse, Tensor lengths) {
  const auto f = [reverse](const Tensors& in) {
    const ScanStep step = [&](const Tensors& x, const Tensors& states) {
      const Tensor h = tanh(x[0] + linear(states[0], in[2]));
      return Tensors{h, h, square(h)};
    };
    const ScanResult result = scan({in[0]}, {in[1]}, step, {.lengths = in[3], .reverse = reverse});
    return Tensors{result.states[0], result.outputs[0], result.outputs[1]};
  };
  return {
      .name = name, .f = f, .inputs = {normal({4, 3, 2}), normal({3, 2}, 2), normal({2, 2}, 3), std::move(lengths)}};
}

const Tensor ragged = Tensor::from(std::vector<int64_t>{2, 4, 0}, {3});

const Register loops({
    loop("scan", false, {}),
    loop("scan_of_ragged_sequences", false, ragged),
    loop("scan_in_reverse", true, ragged),
});

}  // namespace
}  // namespace recur::testing
