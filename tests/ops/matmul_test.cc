#include "recur/ops/matmul.h"

#include "recur/autograd/grad.h"
#include "recur/base/random.h"
#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/precision.h"
#include "recur/ops/transpose.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

TEST(Matmul, TransposesAsAsked) {
  for (const int64_t m : {1, 5, 33})
    for (const int64_t n : {1, 17})
      for (const int64_t k : {1, 8, 31}) {
        const Tensor a = testing::normal({m, k}, 1, DType::kF32), b = testing::normal({k, n}, 2, DType::kF32);
        const Tensor at = transpose(a, 0, 1), bt = transpose(b, 0, 1);
        const Tensor exact = matmul(a.clone(DType::kF64), b.clone(DType::kF64));
        EXPECT_LT(testing::relative_error(matmul(a, b), exact), 1e-6);
        EXPECT_LT(testing::relative_error(matmul(at, b, {.trans_a = true}), exact), 1e-6);
        EXPECT_LT(testing::relative_error(matmul(a, bt, {.trans_b = true}), exact), 1e-6);
        EXPECT_LT(testing::relative_error(matmul(at, bt, {.trans_a = true, .trans_b = true}), exact), 1e-6);
      }
}

TEST(Matmul, LargeProductsInPartsAreTheSameBitsForAnyNumberOfThreads) {
  for (const bool tall : {true, false}) {  // parts by rows, and by columns
    const int64_t M = tall ? 1500 : 400, N = tall ? 400 : 1500, K = 1000;
    const Tensor a = testing::normal({M, K}, 1, DType::kF32), b = testing::normal({N, K}, 2, DType::kF32);
    const Tensor one = matmul(a, b, {.trans_b = true});
    set_threads(3);
    const Tensor three = matmul(a, b, {.trans_b = true});
    set_threads(1);
    EXPECT_EQ(testing::relative_error(three, one), 0);
    // The last element lies in the last part.
    double last = 0;
    for (int64_t k = 0; k < K; ++k)
      last += static_cast<double>(a.data<float>()[(M - 1) * K + k]) * b.data<float>()[(N - 1) * K + k];
    EXPECT_NEAR(one.data<float>()[M * N - 1], last, 1e-3);
  }
}

TEST(Matmul, OfNothingIsZero) {
  EXPECT_EQ(testing::relative_error(matmul(Tensor::zeros({2, 0}), Tensor::zeros({0, 3})), Tensor::zeros({2, 3})), 0);
  EXPECT_EQ(matmul(Tensor::zeros({0, 4}), Tensor::zeros({4, 3})).shape(), (Shape{0, 3}));
  EXPECT_EQ(matmul(Tensor::zeros({0, 2, 4}), Tensor::zeros({0, 4, 3})).shape(), (Shape{0, 2, 3}));
}

TEST(Matmul, NamesWhatDoesNotFit) {
  const Tensor a = Tensor::zeros({2, 3});
  EXPECT_ERROR(matmul(a, a), "matmul: [2, 3] and [2, 3] do not fit");
  EXPECT_ERROR(matmul(a, a, {.trans_a = true, .trans_b = true}), "[2, 3] transposed and [2, 3] transposed do not fit");
  EXPECT_ERROR(matmul(a, Tensor::zeros({3})), "matmul: expected matrices, got [2, 3] and [3]");
  EXPECT_ERROR(matmul(Tensor::zeros({2, 2, 3}), Tensor::zeros({3, 3, 2})), "do not fit");
  EXPECT_ERROR(matmul(a, Tensor::zeros({3, 2}, DType::kF64)), "matmul: operands are f32 and f64");
}

TEST(Linear, KeepsLeadingAxes) {
  const Tensor x = testing::normal({2, 3, 4}), weight = testing::normal({5, 4}, 2), bias = testing::normal({5}, 3);
  const Tensor y = linear(x, weight, bias);
  EXPECT_EQ(y.shape(), (Shape{2, 3, 5}));
  EXPECT_LT(testing::relative_error(y, matmul(x, transpose(weight, 0, 1)) + bias), 1e-14);
  EXPECT_EQ(linear(Tensor::zeros({4}, DType::kF64), weight).shape(), (Shape{5}));
  EXPECT_EQ(linear(Tensor::zeros({0, 4}, DType::kF64), weight, bias).shape(), (Shape{0, 5}));
  EXPECT_ERROR(linear(x, Tensor::zeros({5, 3})), "linear: x [2, 3, 4] does not fit weight [5, 3]");
  EXPECT_ERROR(linear(x, weight, Tensor::zeros({1}, DType::kF64)), "linear: bias: expected [5], got [1]");
  EXPECT_ERROR(linear(x, weight, Tensor::zeros({3, 5}, DType::kF64)), "linear: bias: expected [5], got [3, 5]");
  EXPECT_ERROR(linear(x, weight, Tensor::zeros({5})), "operands are f64 and f32");
  EXPECT_ERROR(linear(Tensor(), weight), "undefined");
}

// One pass, to the bits of the two ops that it is made of, however few rows, columns or features there are.
TEST(Linear, AddsTheBiasAsAnOpOfItsOwnWould) {
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kBF16})
    for (const int64_t rows : {1, 2, 3, 40})
      for (const int64_t out : {1, 5, 70})
        for (const int64_t features : {0, 1, 9, 1030}) {
          const Tensor x = testing::normal({rows, features}, 1, dtype),
                       weight = testing::normal({out, features}, 2, dtype);
          const Tensor bias = testing::normal({out}, 3, dtype);
          const Tensor expected = matmul(x, weight, {.trans_b = true}) + bias;
          EXPECT_EQ(testing::relative_error(linear(x, weight, bias), expected), 0)
              << rows << " " << out << " " << features;
        }
}

// Also on several threads, and with the gradients of products in bf16, whose precision is that of the forward pass.
TEST(Linear, HasTheGradientsOfTheTwoOps) {
  const Tensor x = testing::normal({150, 40}, 1, DType::kF32), weight = testing::normal({300, 40}, 2, DType::kF32);
  const Tensor bias = testing::normal({300}, 3, DType::kF32), dy = testing::normal({150, 300}, 4, DType::kF32);
  const auto run = [&](auto&& f) {
    const Tensors leaves{x.clone(), weight.clone(), bias.clone()};
    for (Tensor leaf : leaves) leaf.set_requires_grad();
    const Tensor y = [&] {
      const ProductPrecision half(Precision::kBf16);
      return f(leaves);
    }();
    Tensors all = grad({y}, leaves, {.grad_outputs = {dy}});
    all.push_back(y.detach());
    return all;
  };
  const Tensors expected = run([](const Tensors& in) { return matmul(in[0], in[1], {.trans_b = true}) + in[2]; });
  set_threads(3);
  const Tensors got = run([](const Tensors& in) { return linear(in[0], in[1], in[2]); });
  set_threads(1);
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(testing::relative_error(got[i], expected[i]), 0) << i;
}

// By the definition, for shapes drawn at random, batched and transposed.
TEST(Matmul, IsTheSumOfProducts) {
  Random random(1);
  const auto size = [&] { return static_cast<int64_t>(1 + random.below(9)); };
  for (int trial = 0; trial < 60; ++trial) {
    const int64_t count = size(), m = size(), n = size(), k = size();
    const MatmulOptions options{.trans_a = random.bernoulli(0.5), .trans_b = random.bernoulli(0.5)};
    const Tensor a = testing::normal(options.trans_a ? Shape{count, k, m} : Shape{count, m, k}, 2);
    const Tensor b = testing::normal(options.trans_b ? Shape{count, n, k} : Shape{count, k, n}, 3);
    Tensor expected = Tensor::zeros({count, m, n}, DType::kF64);
    for (int64_t i = 0; i < count * m * n * k; ++i) {
      const int64_t p = i % k, column = i / k % n, row = i / (k * n) % m, at = i / (k * n * m);
      expected.data<double>()[(at * m + row) * n + column] +=
          a.data<double>()[at * m * k + (options.trans_a ? p * m + row : row * k + p)] *
          b.data<double>()[at * k * n + (options.trans_b ? column * k + p : p * n + column)];
    }
    EXPECT_LT(testing::relative_error(matmul(a, b, options), expected), 1e-13);
    const Tensor single = matmul(a.clone(DType::kF32), b.clone(DType::kF32), options);
    EXPECT_LT(testing::relative_error(single.clone(DType::kF64), expected), 1e-5);
  }
}

TEST(Matmul, TakesBf16) {
  const Tensor y = matmul(Tensor::ones({2, 3}, DType::kBF16), Tensor::ones({3, 2}, DType::kBF16));
  EXPECT_EQ(y.dtype(), DType::kBF16);
  EXPECT_EQ(testing::relative_error(y, Tensor::full({2, 2}, 3)), 0);
}

}  // namespace
}  // namespace recur
