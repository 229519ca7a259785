#include "recur/nn/causal_conv.h"

#include <gtest/gtest.h>

#include "recur/autograd/gradient_check.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur::testing {
namespace {

// x, the weight, the bias, and what was before.
Tensors inputs_of(const Packing& packing, int64_t features, int64_t taps, DType dtype) {
  Tensors in{normal({packing.packed_rows(), features}, 1, dtype), normal({taps, features}, 2, dtype),
             normal({features}, 3, dtype)};
  for (int64_t k = 1; k < taps; ++k)
    in.push_back(normal({packing.batch(), features}, 3 + static_cast<uint64_t>(k), dtype));
  return in;
}

Tensors joined(const CausalConvResult& result) {
  Tensors all{result.rows};
  all.insert(all.end(), result.last.begin(), result.last.end());
  return all;
}

Tensors run(const Tensors& in, const Packing& packing, bool reverse) {
  return joined(causal_conv(in[0], in[1], in[2], {in.begin() + 3, in.end()}, packing, reverse));
}
Tensors twin(const Tensors& in, const Packing& packing, bool reverse) {
  return joined(composed_causal_conv(in[0], in[1], in[2], {in.begin() + 3, in.end()}, packing, reverse));
}

TEST(CausalConv, SumsThePresentAndTheLastSteps) {
  const Packing packing(3, 1, {});
  const Tensor x = Tensor::from({1, 2, 3}, {3, 1}), weight = Tensor::from({100, 10, 1}, {3, 1});
  const Tensors before{Tensor::from({-1}, {1, 1}), Tensor::from({-2}, {1, 1})};  // x_{-1}, x_{-2}
  const CausalConvResult forwards = causal_conv(x, weight, Tensor::from({0.5F}, {1}), before, packing, false);
  EXPECT_EQ(forwards.rows.data<float>()[0], 0.5F + 1 - 10 - 200);
  EXPECT_EQ(forwards.rows.data<float>()[1], 0.5F + 2 + 10 - 100);
  EXPECT_EQ(forwards.rows.data<float>()[2], 0.5F + 3 + 20 + 100);
  EXPECT_EQ(forwards.last[0].item(), 3);
  EXPECT_EQ(forwards.last[1].item(), 2);
  const CausalConvResult backwards = causal_conv(x, weight, {}, before, packing, true);
  EXPECT_EQ(backwards.rows.data<float>()[2], 3 - 10 - 200);
  EXPECT_EQ(backwards.rows.data<float>()[0], 1 + 20 + 300);
  EXPECT_EQ(backwards.last[1].item(), 2);
}

TEST(CausalConv, IsItsTwinOnRaggedSequencesAndWhatIsShorterThanItsReach) {
  for (const auto& lengths : {std::vector<int64_t>{}, {7, 0, 3, 1, 2}}) {
    const Packing packing(7, 5, lengths);
    for (const int64_t taps : {1, 2, 4, 9}) {
      for (const bool reverse : {false, true}) {
        const Tensors in = inputs_of(packing, 70, taps, DType::kF64);
        const Tensors fast = run(in, packing, reverse), slow = twin(in, packing, reverse);
        ASSERT_EQ(fast.size(), slow.size());
        for (size_t k = 0; k < fast.size(); ++k) EXPECT_LT(relative_error(fast[k], slow[k]), 1e-14) << taps << " " << k;
      }
    }
  }
}

TEST(CausalConv, HasTheRightGradients) {
  const Packing packing(5, 3, {5, 2, 0});
  for (const bool reverse : {false, true}) {
    const auto function = [&](const Tensors& in) { return run(in, packing, reverse); };
    const Tensors in = inputs_of(packing, 3, 4, DType::kF64);
    EXPECT_LT(gradient_error(function, in), 2e-6);
    EXPECT_LT(second_gradient_error(function, in, {.max_entries = 12}), 2e-5);
  }
}

TEST(CausalConv, IsTheSameBitsOnAnyNumberOfThreads) {
  const Packing packing(9, 4, {9, 4, 6, 1});
  Tensors results[2];
  const int before = threads();
  for (const int count : {1, 3}) {
    set_threads(count);
    Tensors in = inputs_of(packing, 200, 4, DType::kF32);
    for (Tensor& each : in) each.set_requires_grad();
    const Tensors out = run(in, packing, false);
    sum(out[0] * out[0]).backward();
    results[count / 2] = {out[0], in[0].grad(), in[1].grad(), in[2].grad()};
  }
  set_threads(before);
  for (size_t k = 0; k < results[0].size(); ++k) EXPECT_EQ(relative_error(results[0][k], results[1][k]), 0) << k;
}

TEST(CausalConv, SaysWhatDoesNotFit) {
  const Packing packing(3, 2, {});
  const Tensor x = Tensor::zeros({6, 4}), weight = Tensor::zeros({2, 4}), before = Tensor::zeros({2, 4});
  EXPECT_ERROR(causal_conv(x, weight, {}, {}, packing, false), "weight: expected [1, 4], got [2, 4]");
  EXPECT_ERROR(causal_conv(x, weight, Tensor::zeros({3}), {before}, packing, false), "bias: expected [4]");
  EXPECT_ERROR(causal_conv(x, weight, {}, {Tensor::zeros({3, 4})}, packing, false), "before: expected [2, 4]");
  EXPECT_ERROR(causal_conv(Tensor::zeros({5, 4}), weight, {}, {before}, packing, false), "x: expected [6, H]");
}

}  // namespace
}  // namespace recur::testing
