// The scan against its composed twin, and over threads.
#include "recur/nn/linear_scan.h"

#include <gtest/gtest.h>

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

std::vector<int64_t> scan_lengths(int64_t steps, int64_t batch) {
  std::vector<int64_t> lengths;
  for (int64_t b = 0; b < batch; ++b) lengths.push_back((b * 7 + 3) % (steps + 1));  // some of them 0
  lengths[0] = steps;
  return lengths;
}

struct ScanInputs {
  Packing packing;
  Tensor a, b, initial;
};

ScanInputs scan_inputs(int64_t steps, int64_t batch, int64_t width, bool constant, DType dtype) {
  Packing packing(steps, batch, scan_lengths(steps, batch));
  const int64_t N = packing.packed_rows();
  const auto leaf = [&](const Shape& shape, uint64_t seed, double scale) {
    Tensor t = (normal(shape, seed) * scale).clone(dtype);
    t.set_requires_grad(true);
    return t;
  };
  return {packing, leaf(constant ? Shape{width} : Shape{N, width}, 1, 0.6), leaf({N, width}, 2, 1),
          leaf({batch, width}, 3, 1)};
}

template <class Scan>
Tensors with_gradients(const ScanInputs& in, const LinearScanOptions& options, Scan&& scan) {
  Tensors out = scan(in.a, in.b, in.initial, in.packing, options);
  const DType dtype = in.b.dtype();
  const Tensor loss = sum(out[0] * normal(out[0].shape(), 4, dtype)) + sum(out[1] * normal(out[1].shape(), 5, dtype));
  for (const Tensor& gradient : grad(Tensors{loss}, {in.a, in.b, in.initial})) out.push_back(gradient);
  return out;
}

TEST(LinearScanOp, IsItsTwin) {
  for (const int64_t steps : {1, 2, 17})
    for (const int64_t batch : {1, 3, 8})
      for (const int64_t units : {1, 7, 8, 9, 33})
        for (const int flags : {0, 1, 2, 3, 4, 5, 6, 7})
          for (const DType dtype : {DType::kF32, DType::kF64}) {
            const LinearScanOptions options{.reverse = (flags & 1) != 0, .is_complex = (flags & 2) != 0};
            const ScanInputs in =
                scan_inputs(steps, batch, options.is_complex ? 2 * units : units, (flags & 4) != 0, dtype);
            const Tensors fast = with_gradients(in, options, linear_scan);
            const Tensors twin = with_gradients(in, options, composed_linear_scan);
            for (size_t k = 0; k < fast.size(); ++k)
              EXPECT_LT(relative_error(fast[k], twin[k]), dtype == DType::kF32 ? 2e-6 : 1e-14)
                  << k << " T " << steps << " B " << batch << " H " << units << " flags " << flags;
          }
}

TEST(LinearScanOp, HasTheSameBitsForAnyNumberOfThreads) {
  const int before = threads();
  for (const bool constant : {false, true}) {
    const ScanInputs in = scan_inputs(9, 5, 400, constant, DType::kF32);
    set_threads(1);
    const Tensors one = with_gradients(in, {.is_complex = true}, linear_scan);
    set_threads(3);
    const Tensors three = with_gradients(in, {.is_complex = true}, linear_scan);
    for (size_t k = 0; k < one.size(); ++k) EXPECT_EQ(relative_error(one[k], three[k]), 0) << k;
  }
  set_threads(before);
}

TEST(LinearScanOp, SaysWhatDoesNotFit) {
  const Packing packing(3, 2, {});
  const Tensor b = Tensor::zeros({6, 5}), initial = Tensor::zeros({2, 5});
  EXPECT_ERROR(linear_scan(Tensor::zeros({6, 4}), b, initial, packing), "linear_scan: a: expected [6, 5] or [5], got");
  EXPECT_ERROR(linear_scan(b, b, Tensor::zeros({3, 5}), packing), "linear_scan: initial: expected [2, 5], got");
  EXPECT_ERROR(linear_scan(b, Tensor::zeros({5, 5}), initial, packing), "linear_scan: b: expected [6, W], got");
  EXPECT_ERROR(linear_scan(b, b, initial, packing, {.is_complex = true}), "an even number of columns, got 5");
}

}  // namespace
}  // namespace recur::testing
