#include "examples/support/frame_predictors.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/op_case.h"

namespace examples {
namespace {

using recur::Tensor;

Tensor frames(int64_t T, int64_t B) {
  return recur::testing::uniform({T, B, kFramePixels}, 0, 1).clone(recur::DType::kF32);
}

TEST(FramePredictors, PatchesAreSquaresOfPixelsAndTurnBack) {
  const Tensor x = frames(2, 3), patches = frames_to_patches(x);
  EXPECT_EQ(recur::testing::relative_error(patches_to_frames(patches), x), 0);
  // Channel 4 i + j of a patch is its pixel (i, j).
  const float* frame = x.data<float>();
  const float* patch = patches.data<float>();
  EXPECT_EQ(patch[(4 * 2 + 3) * 256 + 5 * 16 + 7], frame[(5 * 4 + 2) * 64 + 7 * 4 + 3]);
}

TEST(FramePredictors, HaveEqualNumbersOfParameters) {
  for (const int64_t channels : {10, 16, 32, 48, 64, 128}) {
    recur::Random random(1);
    const auto conv_lstm = conv_lstm_predictor(channels, random);
    const auto ours = static_cast<double>(conv_lstm->parameter_count());
    const auto lstm = lstm_predictor(conv_lstm->parameter_count(), random);
    EXPECT_NEAR(static_cast<double>(lstm->parameter_count()) / ours, 1, 0.02) << channels;
  }
}

// The prediction of each frame depends on those before it alone, and what is predicted further on follows from the
// predictions.
TEST(FramePredictors, SeeThePastAndThenTheirOwnPredictions) {
  recur::Random random(1);
  const auto conv_lstm = conv_lstm_predictor(3, random);
  const auto lstm = lstm_predictor(20000, random);
  const recur::autograd::NoGrad no_grad;
  for (const FramePredictor* network : {conv_lstm.get(), lstm.get()}) {
    const Tensor x = frames(4, 2), y = (*network)(x, 3);
    ASSERT_EQ(y.shape(), (recur::Shape{6, 2, kFramePixels}));
    const Tensor less = (*network)(rows(x, 0, 3), 1);
    EXPECT_LT(recur::testing::relative_error(less, rows(y, 0, 3)), 1e-5);
    const Tensor own = sigmoid(rows(y, 3, 5));
    EXPECT_LT(recur::testing::relative_error((*network)(recur::concat({x, own}, 0), 1), y), 1e-5);
  }
}

TEST(FramePredictors, GradientsGoThroughTheirPredictions) {
  recur::Random random(1);
  const auto network = conv_lstm_predictor(2, random);
  Tensor x = frames(2, 1).set_requires_grad();
  const Tensor y = (*network)(x, 4);
  const Tensor d = grad(sum(rows(y, 4, 5)), x);
  EXPECT_GT(sum(abs(rows(d, 0, 1))).item(), 0);
  EXPECT_TRUE(std::isfinite(sum(d).item()));
}

}  // namespace
}  // namespace examples
