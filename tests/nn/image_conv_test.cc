#include "recur/nn/image_conv.h"

#include <gtest/gtest.h>

#include "recur/autograd/gradient_check.h"
#include "recur/ops/binary.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using testing::normal;
using testing::relative_error;

TEST(ImageConv, KeepsTheSizeAndStartsAtItsScale) {
  Random random(1);
  const ImageConv conv({.in = 8, .out = 16}, random);
  EXPECT_EQ(conv(Tensor::zeros({2, 8, 5, 6})).shape(), (Shape{2, 16, 5, 6}));
  double sum = 0;
  for (const float w : conv.weight->values<float>()) sum += static_cast<double>(w) * static_cast<double>(w);
  EXPECT_NEAR(sum / static_cast<double>(conv.weight->numel()), 2.0 / 72, 0.006);
  EXPECT_ERROR(ImageConv({.in = 1, .out = 1, .kernel = 2}, random), "an odd kernel, got 1, 1 and 2");
}

TEST(ImageBlock, AddsToWhatItReadsAndHasGradients) {
  Random random(2);
  ImageBlock block(3, random);
  block.to(DType::kF64);
  const Tensor x = normal({2, 3, 4, 5});
  EXPECT_EQ(block(x).shape(), x.shape());
  EXPECT_LT(relative_error(block(x), x), 1);  // starts near what it reads
  EXPECT_LT(gradient_error([&](const Tensors& in) { return Tensors{block(in[0])}; }, {x}), 1e-6);
}

TEST(ImageRecurrence, SeesWholeRowsAndColumnsAlone) {
  Random random(3);
  const ImageRecurrence recurrence(4, {.cell = "gru", .hidden = 5, .layers = 1}, random);
  const Tensor x = normal({1, 4, 5, 6}, 1, DType::kF32);
  Tensor changed = x.clone();
  changed.data<float>()[2 * 6 + 3] += 1;  // of the first channel: row 2, column 3
  const Tensor before = recurrence(x, Mode::evaluation()), after = recurrence(changed, Mode::evaluation());
  for (int64_t h = 0; h < 5; ++h) {
    for (int64_t w = 0; w < 6; ++w) {
      const bool sees = h == 2 || w == 3;
      EXPECT_EQ(before.values<float>()[h * 6 + w] != after.values<float>()[h * 6 + w], sees) << h << ", " << w;
    }
  }
}

TEST(ImageRecurrence, OfTheTurnedImageWithItsLayersExchangedIsTurned) {
  Random random(4);
  const ImageRecurrence recurrence(3, {.cell = "lstm", .hidden = 2, .layers = 2}, random);
  const Tensor x = normal({2, 3, 4, 7}, 1, DType::kF32);
  EXPECT_EQ(recurrence(x, Mode::evaluation()).shape(), x.shape());
  // An image of one row is the same to rows as to columns turned.
  const Tensor flat = normal({1, 3, 1, 7}, 2, DType::kF32);
  EXPECT_EQ(recurrence(transpose(flat, 2, 3), Mode::evaluation()).shape(), (Shape{1, 3, 7, 1}));
}

TEST(ImageRecurrence, HasGradients) {
  Random random(5);
  ImageRecurrence recurrence(2, {.cell = "lstm", .hidden = 3, .layers = 1}, random);
  recurrence.to(DType::kF64);
  const auto f = [&](const Tensors& in) { return Tensors{recurrence(in[0], Mode::evaluation())}; };
  EXPECT_LT(gradient_error(f, {normal({2, 2, 3, 4})}), 1e-6);
}

TEST(PixelsToChannels, TakesSquaresApartAndPutsThemTogether) {
  const Tensor x = Tensor::from({0, 1, 2, 3, 4, 5, 6, 7}, {1, 1, 2, 4});
  const Tensor y = pixels_to_channels(x, 2);
  EXPECT_EQ(y.shape(), (Shape{1, 4, 1, 2}));
  EXPECT_EQ(std::vector<float>(y.values<float>().begin(), y.values<float>().end()),
            (std::vector<float>{0, 2, 1, 3, 4, 6, 5, 7}));
  const Tensor image = normal({2, 3, 6, 9});
  EXPECT_EQ(relative_error(channels_to_pixels(pixels_to_channels(image, 3), 3), image), 0);
  EXPECT_ERROR(pixels_to_channels(x, 3), "expected x [N, C, H, W] of multiples of 3, got [1, 1, 2, 4]");
  EXPECT_ERROR(channels_to_pixels(x, 2), "expected x [N, C, H, W] with a multiple of 4 channels");
}

}  // namespace
}  // namespace recur
