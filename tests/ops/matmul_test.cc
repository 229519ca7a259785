#include "recur/ops/matmul.h"

#include <gtest/gtest.h>

#include "recur/base/threads.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

TEST(Matmul, LargeProductsInPartsAreTheSameBitsForAnyNumberOfThreads) {
  for (const bool tall : {true, false}) {  // parts by rows, and by columns
    const int64_t M = tall ? 1500 : 400, N = tall ? 400 : 1500, K = 1000;
    const Tensor a = normal({M, K}, 1, DType::kF32), b = normal({N, K}, 2, DType::kF32);
    const Tensor one = matmul(a, b, {.trans_b = true});
    set_threads(3);
    const Tensor three = matmul(a, b, {.trans_b = true});
    set_threads(1);
    EXPECT_EQ(relative_error(three, one), 0);
    // The last element lies in the last part.
    double last = 0;
    for (int64_t k = 0; k < K; ++k)
      last += static_cast<double>(a.data<float>()[(M - 1) * K + k]) * b.data<float>()[(N - 1) * K + k];
    EXPECT_NEAR(one.data<float>()[M * N - 1], last, 1e-3);
  }
}

TEST(Matmul, OfNothingIsZerosOrNothing) {
  EXPECT_EQ(relative_error(matmul(Tensor::zeros({2, 0}), Tensor::zeros({0, 3})), Tensor::zeros({2, 3})), 0);
  EXPECT_EQ(matmul(Tensor::zeros({0, 4}), Tensor::zeros({4, 3})).shape(), Shape({0, 3}));
}

TEST(Matmul, RefusesWhatDoesNotFit) {
  EXPECT_THROW(matmul(Tensor::zeros({2, 3}), Tensor::zeros({4, 5})), Error);
  EXPECT_THROW(matmul(Tensor::zeros({3}), Tensor::zeros({3, 5})), Error);
  EXPECT_THROW(matmul(Tensor::zeros({2, 3, 4}), Tensor::zeros({3, 4, 5})), Error);
  EXPECT_THROW(matmul(Tensor::zeros({2, 3}), Tensor::zeros({3, 5}, DType::kF64)), Error);
  EXPECT_THROW(linear(Tensor::zeros({2, 3}), Tensor::zeros({5, 4})), Error);
}

}  // namespace
}  // namespace recur::testing
