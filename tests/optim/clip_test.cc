#include "recur/optim/clip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/sum.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

Tensor with_grad(std::initializer_list<float> grad) {
  const auto size = static_cast<int64_t>(grad.size());
  Tensor t = Tensor::zeros({size});
  t.set_requires_grad();
  t.set_grad(Tensor::from(grad, {size}));
  return t;
}

TEST(ClipNorm, AgreesWithPyTorch) {
  for (const auto& [name, bound] : {std::pair{"cuts", 0.5}, std::pair{"leaves", 100.0}}) {
    const testing::Golden file(std::string("optim_clip_norm_") + name);
    Tensors parameters;
    for (const char* i : {"0", "1"}) {
      const Tensor g = file[std::string("before.") + i];
      parameters.push_back(Tensor::zeros(g.shape(), DType::kF64));
      parameters.back().set_grad(g);
    }
    EXPECT_NEAR(clip_norm(parameters, bound), file["norm"].item(), 1e-13);
    EXPECT_LT(testing::relative_error(parameters[0].grad(), file["after.0"]), 1e-14);
    EXPECT_LT(testing::relative_error(parameters[1].grad(), file["after.1"]), 1e-14);
  }
}

TEST(ClipNorm, TakesAllParametersTogetherAndThoseWithoutGradientAsZero) {
  const Tensors parameters{with_grad({3, 0}), Tensor::zeros({5}), with_grad({4})};
  EXPECT_DOUBLE_EQ(clip_norm(parameters, 2.5), 5);
  EXPECT_NEAR(gradient_norm(parameters), 2.5, 1e-6);
  EXPECT_NEAR(parameters[2].grad().data<float>()[0], 2, 1e-6);
}

TEST(ClipNorm, ScalesAGradientThatTwoParametersShareOnceForEach) {
  Tensor a = Tensor::zeros({2}), b = Tensor::zeros({2});
  a.set_requires_grad();
  b.set_requires_grad();
  sum((a + b) * 10.0).backward();
  EXPECT_NEAR(clip_norm({a, b}, 10), 20, 1e-6);
  for (const Tensor& t : {a, b})
    for (const float g : t.grad().values<float>()) EXPECT_NEAR(g, 5, 1e-5);
}

TEST(ClipNorm, ReturnsWhatIsNotFiniteAndLeavesTheGradients) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    const Tensor t = with_grad({1, bad, 2});
    const double norm = clip_norm({t}, 0.1);
    EXPECT_FALSE(std::isfinite(norm));
    EXPECT_EQ(t.grad().data<float>()[2], 2);
  }
}

TEST(ClipNorm, DoesNotOverflowInTheSquares) {
  const Tensor t = with_grad({3e30f, 4e30f});
  EXPECT_NEAR(clip_norm({t}, 1) / 5e30, 1, 1e-6);
  EXPECT_NEAR(t.grad().data<float>()[1], 0.8, 1e-6);
}

TEST(ClipNorm, GivesTheSameBitsForAnyNumberOfThreads) {
  const int before = threads();
  Tensor t = Tensor::zeros({300000});
  t.set_grad(testing::normal(t.shape(), 4, DType::kF32));
  double norms[2];
  for (const int i : {0, 1}) {
    set_threads(i == 0 ? 1 : 3);
    norms[i] = gradient_norm({t});
  }
  set_threads(before);
  EXPECT_EQ(norms[0], norms[1]);
  EXPECT_NEAR(norms[0], std::sqrt(300000), 3);
}

TEST(ClipValue, LimitsEachElementAndLetsNanThrough) {
  const Tensor t = with_grad({-3, 0.25f, 7, std::nanf("")});
  clip_value({t, Tensor::zeros({2})}, 0.5);
  const float* g = t.grad().data<float>();
  EXPECT_THAT(std::vector(g, g + 3), ElementsAre(-0.5f, 0.25f, 0.5f));
  EXPECT_TRUE(std::isnan(g[3]));
}

TEST(Clip, RejectsBoundsThatAreNotPositive) {
  EXPECT_THROW(clip_norm({}, 0), Error);
  EXPECT_THROW(clip_value({}, -1), Error);
  EXPECT_THROW(clip_norm({}, std::nan("")), Error);
  EXPECT_EQ(clip_norm({}, 1), 0);
}

TEST(FirstNonFinite, NamesTheParameter) {
  const Tensor good = with_grad({1, 2}), bad = with_grad({1, std::nanf("")}), none = Tensor::ones({2});
  Tensor infinite = Tensor::ones({2});
  infinite.data<float>()[0] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(first_non_finite({{"good", good}, {"none", none}}), "");
  EXPECT_EQ(first_non_finite({{"good", good}, {"bad", bad}, {"infinite", infinite}}), "bad");
  EXPECT_EQ(first_non_finite({{"infinite", infinite}}), "infinite");
}

}  // namespace
}  // namespace recur
