#include "recur/nn/embedding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/nn/linear.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

TEST(Embedding, LooksUpRowsInTheShapeOfTheIds) {
  Random random(1);
  Embedding layer({.vocabulary = 4, .features = 3}, random);
  const Tensor y = layer(Tensor::from(std::vector<int32_t>{3, 0, 3, 1}, {2, 2}));
  EXPECT_EQ(y.shape(), (Shape{2, 2, 3}));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(y.data<float>()[6 + i], layer.weight->data<float>()[9 + i]);
}

TEST(Embedding, TiedToTheOutputLayerGathersBothGradients) {
  Embedding in({.vocabulary = 3, .features = 2});
  Linear out({.in = 2, .out = 3, .bias = false, .tied = in.weight});
  ASSERT_EQ(parameters(in, out).size(), 1u);
  const Tensor ids = Tensor::from(std::vector<int32_t>{1}, {1});
  sum(out(in(ids))).backward();
  // L = sum_v w_v . w_1, so dL/dw_v = w_1, and w_1 gathers the sum of all rows besides.
  const float* w = in.weight->data<float>();
  const float* g = in.weight->grad().data<float>();
  EXPECT_FLOAT_EQ(g[0], w[2]);
  EXPECT_FLOAT_EQ(g[2], w[2] + w[0] + w[2] + w[4]);
}

TEST(Embedding, RejectsAnEmptyVocabularyAndIdsBeyondIt) {
  EXPECT_THROW(Embedding({.vocabulary = 0, .features = 3}), Error);
  Embedding layer({.vocabulary = 2, .features = 1});
  EXPECT_THROW(layer(Tensor::from(std::vector<int32_t>{2}, {1})), Error);
}

}  // namespace
}  // namespace recur
