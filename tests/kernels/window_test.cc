#include "recur/kernels/window.h"

#include <gtest/gtest.h>

#include <vector>

namespace recur::kernels {
namespace {

Window window(std::array<int64_t, 2> image, std::array<int64_t, 2> kernel, int64_t stride, int64_t padding,
              int64_t dilation) {
  return {.image = image,
          .kernel = kernel,
          .stride = {stride, stride},
          .padding = {padding, padding},
          .dilation = {dilation, dilation}};
}

TEST(Window, CountsItsOutputs) {
  EXPECT_EQ(window({5, 7}, {3, 3}, 1, 0, 1).out(0), 3);
  EXPECT_EQ(window({5, 7}, {3, 3}, 2, 1, 1).out(1), 4);
  EXPECT_EQ(window({5, 7}, {3, 3}, 1, 0, 3).out(0), 0);
  EXPECT_TRUE(window({5, 7}, {1, 1}, 1, 0, 1).is_identity());
  EXPECT_FALSE(window({5, 7}, {1, 1}, 2, 0, 1).is_identity());
}

// Over many geometries: columns against the definition tap by tap, and the transpose by <columns(x), c> = <x,
// image(c)>.
TEST(Window, ColumnsHoldWhatEachTapSees) {
  for (const int64_t stride : {1, 2, 3})
    for (const int64_t padding : {0, 1, 4})
      for (const int64_t dilation : {1, 2}) {
        const Window w = window({4, 5}, {2, 3}, stride, padding, dilation);
        if (w.outputs() == 0) continue;
        const int64_t channels = 2, size = channels * w.taps() * w.outputs();
        std::vector<double> image(channels * w.pixels()), columns(size, -1), expected;
        for (size_t k = 0; k < image.size(); ++k) image[k] = static_cast<double>(k * k % 17) + 1;
        image_to_columns(w, channels, image.data(), columns.data());
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t kh = 0; kh < 2; ++kh)
            for (int64_t kw = 0; kw < 3; ++kw)
              for (int64_t oh = 0; oh < w.out(0); ++oh)
                for (int64_t ow = 0; ow < w.out(1); ++ow) {
                  const int64_t h = oh * stride - padding + kh * dilation, v = ow * stride - padding + kw * dilation;
                  const bool inside = h >= 0 && h < 4 && v >= 0 && v < 5;
                  expected.push_back(inside ? image[(c * 4 + h) * 5 + v] : 0);
                }
        EXPECT_EQ(columns, expected) << stride << " " << padding << " " << dilation;

        std::vector<double> any(size), back(image.size(), 0);
        double left = 0, right = 0;
        for (int64_t k = 0; k < size; ++k) {
          any[k] = static_cast<double>(k * 7 % 13);
          left += columns[k] * any[k];
        }
        columns_to_image(w, channels, any.data(), back.data());
        for (size_t k = 0; k < image.size(); ++k) right += image[k] * back[k];
        EXPECT_EQ(left, right);
      }
}

}  // namespace
}  // namespace recur::kernels
