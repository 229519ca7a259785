// Convolution straight from the image (conv.h).
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/cpu/conv.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "recur/kernels/conv.h"
#include "recur/kernels/cpu/transpose-inl.h"
#include "recur/kernels/scratch.h"
#include "recur/kernels/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::DirectConv;
using kernels::Scratch;

inline constexpr int kConvVectors = kLanes >= 16 ? 4 : 2;
inline constexpr int kConvRows = rows_in_tile<Plain<Lanes>>(kConvVectors);

// One vector of the right operand and of the result: where it begins in each, and how many of its values count.
struct ConvVector {
  int64_t from = 0, to = 0, count = 0;
};

// What a tile multiplies: left [steps, rows] times vectors of `right`, of which step k is offsets[k] further on.
struct ConvTile {
  const float* left;
  const float* right;
  const int64_t* offsets;
  int64_t steps;
  const ConvVector* vectors;  // kConvVectors
  const float* bias;          // of the rows, or null for zeros
  float* to;
  int64_t row_stride;  // of the result
  bool add;            // to what is there
};

template <int kRows>
void multiply_conv_tile(const ConvTile& t) {
  Lanes sums[kRows][kConvVectors];
  const float* right[kConvVectors];
#pragma GCC unroll 4
  for (int j = 0; j < kConvVectors; ++j) {
    right[j] = t.right + t.vectors[j].from;
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) sums[r][j] = Lanes(t.bias != nullptr ? t.bias[r] : 0.0f);
  }
  const float* left = t.left;
  for (int64_t k = 0; k < t.steps; ++k, left += kRows) {
    const int64_t at = t.offsets[k];
    Lanes values[kConvVectors];
#pragma GCC unroll 4
    for (int j = 0; j < kConvVectors; ++j) values[j] = Lanes::load(right[j] + at);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const Lanes weight(left[r]);
#pragma GCC unroll 4
      for (int j = 0; j < kConvVectors; ++j) sums[r][j] = fma(weight, values[j], sums[r][j]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 4
    for (int j = 0; j < kConvVectors; ++j) {
      const int64_t n = t.vectors[j].count;
      if (n == 0) continue;
      float* to = t.to + r * t.row_stride + t.vectors[j].to;
      (t.add ? Lanes::load(to, n) + sums[r][j] : sums[r][j]).store(to, n);
    }
  }
}

using ConvFunction = void (*)(const ConvTile&);
template <int... kRows>
constexpr std::array<ConvFunction, sizeof...(kRows)> conv_functions(std::integer_sequence<int, kRows...>) {
  return {multiply_conv_tile<kRows + 1>...};
}
// Of 1, 2, ... rows.
inline constexpr auto kConvFunctions = conv_functions(std::make_integer_sequence<int, kConvRows>());

// Calls f(first row, rows) for the tiles of so many rows.
template <class F>
void for_each_conv_tile(int64_t rows, F&& f) {
  for (int64_t row = 0, count; row < rows; row += count) {
    count = next_tile(rows - row, kConvRows);
    f(row, count);
  }
}

// All vectors by kConvVectors; missing ones at the end count nothing.
struct ConvVectors {
  Scratch<ConvVector> all;
  int64_t count = 0;

  explicit ConvVectors(int64_t most) : all(most + kConvVectors) {}
  void add(const ConvVector& vector) { all.data()[count++] = vector; }
  void fill_up() {
    for (; count % kConvVectors != 0; ++count) all.data()[count] = {all.data()[count - 1].from, 0, 0};
  }
};

// --- the parts of conv.h ---

void conv_pad(const DirectConv& c, const float* x, bool channels_last, float* room) {
  const int64_t width = c.padded(1), plane = c.padded(0) * width;
  std::fill_n(room, c.room(), 0.0f);
  for (int64_t h = 0; h < c.image[0]; ++h) {
    const int64_t at = (h + c.padding[0]) * width + c.padding[1];
    if (channels_last) {
      transpose(x + h * c.image[1], c.pixels(), {.rows = c.channels, .columns = c.image[1]}, room + at * c.channels,
                c.channels);
      continue;
    }
    for (int64_t k = 0; k < c.channels; ++k) {
      std::copy_n(x + k * c.pixels() + h * c.image[1], c.image[1], room + k * plane + at);
    }
  }
}

void conv_pack(const DirectConv& c, const float* w, float* packed) {
  for_each_conv_tile(c.filters, [&](int64_t row, int64_t rows) {
    for (int64_t k = 0; k < c.depth(); ++k) {
      for (int64_t r = 0; r < rows; ++r) *packed++ = w[(row + r) * c.depth() + k];
    }
  });
}

// Row and channel change places, and the taps their order.
void conv_pack_gradient(const DirectConv& c, const float* w, float* packed) {
  const int64_t taps = c.taps();
  for_each_conv_tile(c.channels, [&](int64_t row, int64_t rows) {
    for (int64_t f = 0; f < c.filters; ++f) {
      for (int64_t tap = 0; tap < taps; ++tap) {
        for (int64_t r = 0; r < rows; ++r) *packed++ = w[(f * c.channels + row + r) * taps + taps - 1 - tap];
      }
    }
  });
}

// Where the vectors of results are. Rows that would fill their last one badly are computed as one row, with the padding
// between them.
struct ConvPlan {
  explicit ConvPlan(const DirectConv& c)
      : width(c.padded(1)), columns(c.out(1)), height(c.out(0)), together((height - 1) * width + columns) {
    const int64_t of_rows = height * ((columns + kLanes - 1) / kLanes), of_all = (together + kLanes - 1) / kLanes;
    joins = of_all * 8 < of_rows * 7;
    vectors = joins ? of_all : of_rows;
  }

  // Results of a filter, in what tiles write.
  int64_t size() const { return joins ? together : height * columns; }
  // Of an image at `from`, to `to`.
  template <class Vectors>
  void add_to(Vectors& all, int64_t from, int64_t to) const {
    const int64_t rows = joins ? 1 : height, length = joins ? together : columns;
    for (int64_t h = 0; h < rows; ++h) {
      for (int64_t x = 0; x < length; x += kLanes) {
        all.add({from + h * width + x, to + h * length + x, std::min(kLanes, length - x)});
      }
    }
  }

  int64_t width, columns, height, together, vectors = 0;
  bool joins = false;
};

int64_t conv_images_at_once(const DirectConv& c) {
  constexpr int64_t kFew = 16;  // vectors, of which the last tile may lack some
  const int64_t own = ConvPlan(c).vectors;
  return (kFew + own - 1) / own;
}

void conv_forward(const DirectConv& c, int64_t images, const float* packed, const float* room, const float* bias,
                  float* y) {
  const int64_t width = c.padded(1), plane = c.padded(0) * width;
  const Scratch<int64_t> offsets(c.depth());
  int64_t* at = offsets.data();
  for (int64_t k = 0; k < c.channels; ++k) {
    for (int64_t kh = 0; kh < c.kernel[0]; ++kh) {
      for (int64_t kw = 0; kw < c.kernel[1]; ++kw) {
        *at++ = k * plane + kh * c.dilation[0] * width + kw * c.dilation[1];
      }
    }
  }
  const ConvPlan plan(c);
  ConvVectors vectors(images * plan.vectors);
  for (int64_t n = 0; n < images; ++n) plan.add_to(vectors, n * c.room(), n * c.filters * plan.size());
  vectors.fill_up();
  const Scratch<float> with_padding(plan.joins ? images * c.filters * plan.size() : 0);
  float* const to = plan.joins ? with_padding.data() : y;
  // What a group of vectors sees of the image stays in the cache while all filters pass over it.
  for (int64_t v = 0; v < vectors.count; v += kConvVectors) {
    for_each_conv_tile(c.filters, [&](int64_t row, int64_t rows) {
      kConvFunctions[static_cast<size_t>(rows - 1)]({.left = packed + row * c.depth(),
                                                     .right = room,
                                                     .offsets = offsets.data(),
                                                     .steps = c.depth(),
                                                     .vectors = vectors.all.data() + v,
                                                     .bias = bias != nullptr ? bias + row : nullptr,
                                                     .to = to + row * plan.size(),
                                                     .row_stride = plan.size(),
                                                     .add = false});
    });
  }
  if (!plan.joins) return;
  const float* from = to;
  for (int64_t row = 0; row < images * c.filters; ++row, from += plan.size()) {
    for (int64_t h = 0; h < plan.height; ++h, y += plan.columns) std::copy_n(from + h * width, plan.columns, y);
  }
}

void conv_filter_gradient(const DirectConv& c, const float* dy, const float* room, float* sums) {
  // Places that are summed up at a time: what tiles read of the image and of dy for them stays in the L1 cache.
  constexpr int64_t kChunk = 96;
  const int64_t width = c.padded(1), places = c.places();
  const Scratch<int64_t> offsets(places);
  for (int64_t h = 0; h < c.out(0); ++h) {
    for (int64_t x = 0; x < c.out(1); ++x) offsets.data()[h * c.out(1) + x] = (h * width + x) * c.channels;
  }
  ConvVectors vectors(c.taps() * ((c.channels + kLanes - 1) / kLanes));
  for (int64_t kh = 0; kh < c.kernel[0]; ++kh) {
    for (int64_t kw = 0; kw < c.kernel[1]; ++kw) {
      const int64_t from = (kh * c.dilation[0] * width + kw * c.dilation[1]) * c.channels;
      for (int64_t k = 0; k < c.channels; k += kLanes) {
        vectors.add({from + k, (kh * c.kernel[1] + kw) * c.channels + k, std::min(kLanes, c.channels - k)});
      }
    }
  }
  vectors.fill_up();
  const Scratch<float> left(kChunk * c.filters);
  for (int64_t first = 0; first < places; first += kChunk) {
    const int64_t count = std::min(kChunk, places - first);
    for_each_conv_tile(c.filters, [&](int64_t row, int64_t rows) {
      transpose(dy + row * places + first, places, {.rows = rows, .columns = count}, left.data() + row * count, rows);
    });
    for (int64_t v = 0; v < vectors.count; v += kConvVectors) {
      for_each_conv_tile(c.filters, [&](int64_t row, int64_t rows) {
        kConvFunctions[static_cast<size_t>(rows - 1)]({.left = left.data() + row * count,
                                                       .right = room,
                                                       .offsets = offsets.data() + first,
                                                       .steps = count,
                                                       .vectors = vectors.all.data() + v,
                                                       .bias = nullptr,
                                                       .to = sums + row * c.depth(),
                                                       .row_stride = c.depth(),
                                                       .add = true});
      });
    }
  }
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(conv_pad);
HWY_EXPORT(conv_pack);
HWY_EXPORT(conv_pack_gradient);
HWY_EXPORT(conv_images_at_once);
HWY_EXPORT(conv_forward);
HWY_EXPORT(conv_filter_gradient);

namespace kernels {

void pad_image(const DirectConv& conv, const float* x, bool channels_last, float* room) {
  HWY_DYNAMIC_DISPATCH(conv_pad)(conv, x, channels_last, room);
}
void pack_filters(const DirectConv& conv, const float* w, float* packed) {
  HWY_DYNAMIC_DISPATCH(conv_pack)(conv, w, packed);
}
void pack_filters_of_gradient(const DirectConv& conv, const float* w, float* packed) {
  HWY_DYNAMIC_DISPATCH(conv_pack_gradient)(conv, w, packed);
}
int64_t images_at_once(const DirectConv& conv) { return HWY_DYNAMIC_DISPATCH(conv_images_at_once)(conv); }
void convolve(const DirectConv& conv, int64_t images, const float* packed, const float* room, const float* bias,
              float* y) {
  HWY_DYNAMIC_DISPATCH(conv_forward)(conv, images, packed, room, bias, y);
}
void add_filter_gradient(const DirectConv& conv, const float* dy, const float* room, float* sums) {
  HWY_DYNAMIC_DISPATCH(conv_filter_gradient)(conv, dy, room, sums);
}

}  // namespace kernels
}  // namespace recur
#endif
