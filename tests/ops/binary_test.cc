#include "recur/ops/binary.h"

#include "recur/autograd/grad.h"
#include "recur/base/threads.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/sum.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

// Every way to stretch two operands, against copies stretched first.
TEST(Binary, BroadcastsLikeCopiesWould) {
  const std::vector<std::pair<Shape, Shape>> pairs{{{3, 4, 5}, {3, 4, 5}},
                                                   {{3, 4, 5}, {5}},
                                                   {{3, 4, 5}, {4, 1}},
                                                   {{3, 4, 5}, {3, 1, 1}},
                                                   {{3, 1, 5}, {4, 1}},
                                                   {{1, 4, 1}, {3, 1, 5}},
                                                   {{}, {3, 4}},
                                                   {{2, 1, 3, 1}, {4, 1, 5}},
                                                   {{3, 4}, {1, 1}},
                                                   {{5, 1}, {1, 40}},
                                                   {{2, 3, 1, 4}, {2, 1, 5, 4}},
                                                   {{1}, {7}}};
  for (const auto& [a, b] : pairs) {
    const Tensor x = testing::normal(a, 1, DType::kF32), y = testing::normal(b, 2, DType::kF32);
    const Shape shape = broadcast("", a, b);
    const Tensor expected = broadcast_to(x, shape) - broadcast_to(y, shape);
    EXPECT_EQ(testing::relative_error(x - y, expected), 0) << a.str() << b.str();
    EXPECT_EQ(testing::relative_error(-(y - x), expected), 0) << a.str() << b.str();
  }
}

TEST(Binary, IsTheSameForAnyNumberOfThreads) {
  const Tensor long_row = testing::normal({200'001}, 1, DType::kF32),
               matrix = testing::normal({700, 300}, 2, DType::kF32);
  const Tensor row = testing::normal({300}, 3, DType::kF32), column = testing::normal({700, 1}, 4, DType::kF32);
  const auto run = [&] {
    return Tensors{long_row * long_row, 2 - long_row, matrix + row, column * matrix, column - row};
  };
  const Tensors once = run();
  set_threads(3);
  const Tensors again = run();
  set_threads(1);
  for (size_t k = 0; k < once.size(); ++k) EXPECT_EQ(testing::relative_error(again[k], once[k]), 0) << k;
  EXPECT_EQ(once[2].values<float>()[300 * 650 + 7],
            std::as_const(matrix).data<float>()[300 * 650 + 7] + row.data<float>()[7]);
}

TEST(Binary, NamesWhatDoesNotFit) {
  const Tensor x = Tensor::zeros({2, 3});
  EXPECT_ERROR(x + Tensor::zeros({2}), "add: shapes [2, 3] and [2] do not broadcast");
  EXPECT_ERROR(x * Tensor::zeros({2, 3}, DType::kF64), "mul: operands are f32 and f64");
  EXPECT_ERROR(Tensor::zeros({2}, DType::kI32) / Tensor::zeros({2}, DType::kI32), "div: expected f32 or f64, got i32");
}

TEST(Binary, TakesEmptyTensors) {
  EXPECT_EQ((Tensor::zeros({0, 3}) + Tensor::zeros({3})).shape(), (Shape{0, 3}));
  Tensor bias = Tensor::zeros({3}).set_requires_grad();
  EXPECT_EQ(sum(grad(sum(Tensor::zeros({0, 3}) + bias), bias)).item(), 0);
}

TEST(Maximum, SendsTheGradientOfATieToTheFirst) {
  Tensor a = Tensor::from({1, 2, 3}, {3}).set_requires_grad(), b = Tensor::from({3, 2, 1}, {3}).set_requires_grad();
  EXPECT_THAT(grad(sum(maximum(a, b)), a).values<float>(), ElementsAre(0, 1, 1));
  EXPECT_THAT(grad(sum(maximum(a, b)), b).values<float>(), ElementsAre(1, 0, 0));
  EXPECT_THAT(grad(sum(minimum(a, b)), a).values<float>(), ElementsAre(1, 1, 0));
  EXPECT_THAT(grad(sum(minimum(a, b)), b).values<float>(), ElementsAre(0, 0, 1));
}

TEST(Pow, OfZeroIsOneWithGradientZero) {
  Tensor x = Tensor::from({-2, 0, 3}, {3}).set_requires_grad();
  EXPECT_THAT(pow(x, 0).values<float>(), ElementsAre(1, 1, 1));
  EXPECT_THAT(grad(sum(pow(x, 0)), x).values<float>(), ElementsAre(0, 0, 0));
  EXPECT_THAT(grad(sum(pow(x, 1)), x).values<float>(), ElementsAre(1, 1, 1));
}

TEST(Binary, TakesBf16) {
  const Tensor x = Tensor::full({2}, 3, DType::kBF16), y = x * x + x;
  EXPECT_EQ(y.dtype(), DType::kBF16);
  EXPECT_EQ(sum(y).item(), 24);
}

TEST(Binary, HasGradientsInBf16) {
  Tensor a = Tensor::full({2}, 3, DType::kBF16).set_requires_grad(), b = Tensor::full({1}, 2, DType::kBF16);
  b.set_requires_grad();
  const auto sums = [&](const Tensor& y) {
    const Tensors g = grad({sum(y)}, {a, b});
    EXPECT_EQ(g[0].dtype(), DType::kBF16);
    return std::pair{sum(g[0]).item(), sum(g[1]).item()};
  };
  EXPECT_EQ(sums(a * b), (std::pair{4.0, 6.0}));
  EXPECT_EQ(sums(a - b), (std::pair{2.0, -2.0}));
  EXPECT_EQ(sums(a / b), (std::pair{1.0, -1.5}));
  EXPECT_EQ(sums(maximum(a, b)), (std::pair{2.0, 0.0}));
  EXPECT_EQ(sums(pow(a, 2) + b), (std::pair{12.0, 2.0}));
}

}  // namespace
}  // namespace recur
