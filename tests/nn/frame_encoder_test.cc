#include "recur/nn/frame_encoder.h"

#include <gtest/gtest.h>

#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "tests/support/golden.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

TEST(FrameEncoder, ComputesWhatPyTorchDoes) {
  const Golden golden("frame_encoder");
  Random random(1);
  FrameEncoder encoder({.height = golden.integer("height"),
                        .width = golden.integer("width"),
                        .channels = golden.integer("channels"),
                        .widths = {3, 4},
                        .blocks = 1},
                       random);
  encoder.to(DType::kF64);
  for (const auto& [key, value] : encoder.state()) Tensor(value).copy_from(golden["param." + key]);
  Tensor x = golden["input.x"];
  x.set_requires_grad(true);
  const Tensor y = encoder(x, Mode::evaluation());
  EXPECT_LT(relative_error(y, golden["output.y"]), 1e-12);
  sum(y * golden["weight.y"]).backward();
  EXPECT_LT(relative_error(x.grad(), golden["grad.x"]), 1e-12);
  for (const auto& [key, value] : encoder.named_parameters()) {
    EXPECT_LT(relative_error(value.grad(), golden["grad." + key]), 1e-11) << key;
  }
}

TEST(FrameEncoder, TheMeanOfItsRegionsIsItsVector) {
  Random random(4);
  const FrameEncoder encoder({.height = 9, .width = 6, .channels = 3, .widths = {2, 5}}, random);
  EXPECT_EQ(encoder.map_height(), 2);
  EXPECT_EQ(encoder.map_width(), 1);
  const Tensor x = normal({3, 9 * 6 * 3}, 7, DType::kF32);
  const Tensor regions = encoder.regions(x, Mode::evaluation());
  EXPECT_EQ(regions.shape(), (Shape{3, 2, 5}));
  EXPECT_LT(relative_error(mean(regions, 1), encoder(x, Mode::evaluation())), 1e-6);
}

TEST(FrameEncoder, ReadsEachPictureByItselfInEvaluation) {
  Random random(2);
  const FrameEncoder encoder({.height = 5, .width = 3, .channels = 3, .widths = {2, 3, 4}}, random);
  const Tensor x = normal({4, 45}, 1, DType::kF32);
  const Tensor all = encoder(x, Mode::evaluation()), one = encoder(rows(x, 2, 3), Mode::evaluation());
  EXPECT_EQ(all.shape(), (Shape{4, 4}));
  EXPECT_LT(relative_error(one, rows(all, 2, 3)), 1e-6);
  EXPECT_EQ(encoder(Tensor::zeros({0, 45}), Mode::evaluation()).shape(), (Shape{0, 4}));
  EXPECT_ERROR(encoder(Tensor::zeros({2, 44}), Mode::evaluation()), "expected x [N, 45], got [2, 44]");
  EXPECT_ERROR(FrameEncoder({.height = 5, .width = 3, .widths = {}}, random), "at least one stage");
}

}  // namespace
}  // namespace recur
