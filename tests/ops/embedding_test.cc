#include "recur/ops/embedding.h"

#include "recur/base/threads.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

Tensor ints(std::vector<int32_t> values, const Shape& shape) { return Tensor::from(values, shape); }

TEST(Embedding, TakesTheNamedRows) {
  const Tensor weight = Tensor::from({0, 1, 10, 11, 20, 21}, {3, 2});
  const Tensor y = embedding(weight, ints({2, 0, 2}, {3, 1}));
  EXPECT_EQ(y.shape(), (Shape{3, 1, 2}));
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(20, 21, 0, 1, 20, 21));
}

TEST(Embedding, NamesAnIdOutOfRangeAndItsPosition) {
  const Tensor weight = Tensor::zeros({3, 2});
  EXPECT_ERROR(embedding(weight, ints({0, 3}, {2})), "embedding: id 3 at position 1 of [2] is not within 0 .. 2");
  EXPECT_ERROR(embedding(weight, ints({-1}, {1})), "id -1 at position 0");
  EXPECT_ERROR(embedding(Tensor::zeros({0, 2}), ints({0}, {1})), "V = 0");
  EXPECT_ERROR(embedding(weight, Tensor::zeros({2})), "ids: expected i32, got f32");
  EXPECT_ERROR(embedding(Tensor::scalar(1), ints({0}, {1})), "weight: expected [V, F]");
}

TEST(Embedding, TakesNoIdsAndKeepsTheDtype) {
  EXPECT_EQ(embedding(Tensor::zeros({3, 2}), ints({}, {0})).shape(), (Shape{0, 2}));
  EXPECT_EQ(embedding(Tensor::zeros({3, 2}, DType::kBF16), ints({1}, {1})).dtype(), DType::kBF16);
  EXPECT_EQ(embedding(Tensor::zeros({3, 0}), ints({1}, {1})).shape(), (Shape{1, 0}));
}

TEST(ScatterRows, AddsRowsThatShareAnId) {
  const Tensor y = scatter_rows(Tensor::from({1, 2, 10, 20, 100, 200}, {3, 2}), ints({1, 0, 1}, {3}), 3);
  EXPECT_THAT(y.values<float>(), ::testing::ElementsAre(10, 20, 101, 202, 0, 0));
}

TEST(ScatterRows, IsTheSameForAnyNumberOfThreads) {
  const Tensor g = testing::normal({50, 300}, 1, DType::kF32);
  Tensor ids = Tensor::zeros({50}, DType::kI32);
  for (int k = 0; k < 50; ++k) ids.data<int32_t>()[k] = k % 7;
  const Tensor once = scatter_rows(g, ids, 7);
  set_threads(3);
  const Tensor again = scatter_rows(g, ids, 7);
  set_threads(1);
  EXPECT_EQ(testing::relative_error(again, once), 0);
}

TEST(ScatterRows, NamesWhatDoesNotFit) {
  EXPECT_ERROR(scatter_rows(Tensor::zeros({2, 3}), ints({0, 9}, {2}), 9), "scatter_rows: id 9 at position 1");
  EXPECT_ERROR(scatter_rows(Tensor::zeros({3, 3}), ints({0, 1}, {2}), 9), "does not begin with the ids' shape [2]");
}

}  // namespace
}  // namespace recur
