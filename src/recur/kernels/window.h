// A window that slides over an image: what convolution and pooling have in common.
#pragma once

#include <array>
#include <cstdint>

namespace recur::kernels {

// Sizes and steps in [height, width]. Output (oh, ow) sees the elements (oh * stride - padding + k * dilation, ...) for
// k in 0 .. kernel - 1; those outside the image are padding.
struct Window {
  std::array<int64_t, 2> image, kernel, stride, padding, dilation;

  int64_t out(int axis) const {
    const int64_t room = image[axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1;
    return room < 0 ? 0 : room / stride[axis] + 1;
  }
  int64_t pixels() const { return image[0] * image[1]; }
  int64_t taps() const { return kernel[0] * kernel[1]; }
  int64_t outputs() const { return out(0) * out(1); }
  // Whether output and image are the same elements in the same order.
  bool is_identity() const { return taps() == 1 && stride == ones() && padding == std::array<int64_t, 2>{0, 0}; }

  // Calls f(place in the image) for each tap of output (oh, ow) that lies inside.
  template <class F>
  void for_each_tap(int64_t oh, int64_t ow, F&& f) const {
    for (int64_t kh = 0; kh < kernel[0]; ++kh) {
      const int64_t h = oh * stride[0] - padding[0] + kh * dilation[0];
      if (h < 0 || h >= image[0]) continue;
      for (int64_t kw = 0; kw < kernel[1]; ++kw) {
        const int64_t w = ow * stride[1] - padding[1] + kw * dilation[1];
        if (w >= 0 && w < image[1]) f(h * image[1] + w);
      }
    }
  }

 private:
  static std::array<int64_t, 2> ones() { return {1, 1}; }
};

// Lays the elements that each output sees under each other, so that a convolution becomes a matrix product:
// columns [channels * taps, outputs] from image [channels, height, width]; padding is 0.
template <class T>
void image_to_columns(const Window& window, int64_t channels, const T* image, T* columns);

// Adds the columns back to where they came from: the transpose.
template <class T>
void columns_to_image(const Window& window, int64_t channels, const T* columns, T* image);

}  // namespace recur::kernels
