// Convolution of images with stride 1, straight from the image: no columns are laid out in memory.
//
// The image has its padding around it, so that the pixels which a tap sees for neighbouring outputs lie side by side
// and a vector of them is loaded from where they are. A tile of a few filters and a few such vectors is summed up in
// registers over channels and taps, as a tile of a matrix product is (tile-inl.h). Its left operand are the filters,
// packed; its right one is the image, read at an offset for each step instead of at the next place. The gradient of the
// filters is the same tile with the roles changed: the left operand is dy, the right one the image with the channels
// of a pixel side by side, and the sum goes over the pixels.
//
// f32 alone; bits depend on the instruction set, not on how work is divided. Images are of one group.
#pragma once

#include <array>
#include <cstdint>

namespace recur::kernels {

struct DirectConv {
  int64_t channels = 0, filters = 0;          // C, O
  std::array<int64_t, 2> image{}, padding{};  // [height, width]
  std::array<int64_t, 2> kernel{}, dilation{1, 1};

  int64_t padded(int axis) const { return image[axis] + 2 * padding[axis]; }
  int64_t out(int axis) const { return padded(axis) - dilation[axis] * (kernel[axis] - 1); }
  int64_t taps() const { return kernel[0] * kernel[1]; }
  int64_t depth() const { return channels * taps(); }
  int64_t pixels() const { return image[0] * image[1]; }
  int64_t places() const { return out(0) * out(1); }
  // Floats of an image with its padding, and of some behind it that vectors may read.
  int64_t room() const { return channels * padded(0) * padded(1) + 64; }

  // The convolution of dy that gives the gradient of the image: filters and channels exchange their places. REQUIRES:
  // padding <= dilation (kernel - 1)
  DirectConv of_gradient() const;
};

// Whether it is there: not where the scalar reference is asked for (RECUR_KERNELS=ref).
bool has_direct_conv();

// x [C, H, W] into a room, with zeros around it: [C, padded height, padded width], or with channels_last
// [padded height, padded width, C].
void pad_image(const DirectConv& conv, const float* x, bool channels_last, float* room);

// Filters w [O, C, KH, KW] as tiles read them: packed [O, depth] in its own order.
void pack_filters(const DirectConv& conv, const float* w, float* packed);
// The same of of_gradient(), from the filters of the convolution itself, which w and `conv` are of.
void pack_filters_of_gradient(const DirectConv& conv, const float* w, float* packed);

// How many images convolve() should get together: of small ones several, which share vectors and tiles. Bits do not
// depend on it.
int64_t images_at_once(const DirectConv& conv);

// y [images, O, H', W'] of padded images in rooms one behind the other, plus bias [O] where it is not null.
void convolve(const DirectConv& conv, int64_t images, const float* packed, const float* room, const float* bias,
              float* y);

// Adds dy * image to sums [O, taps, C], of a padded image with its channels last.
void add_filter_gradient(const DirectConv& conv, const float* dy, const float* room, float* sums);

}  // namespace recur::kernels
