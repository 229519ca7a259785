#include "recur/ops/pool.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/kernels/window.h"
#include "recur/ops/cast.h"
#include "recur/ops/gather.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;
using kernels::Window;

Window window_of(const char* op, const Shape& x, const Pool2dOptions& o) {
  if (x.rank() != 4) fail("{}: expected x [N, C, H, W], got {}", op, x.str());
  Window w{.image = {x[2], x[3]}, .kernel = o.kernel, .stride = o.stride, .padding = o.padding, .dilation = o.dilation};
  for (int axis = 0; axis < 2; ++axis) {
    if (w.stride[axis] == 0) w.stride[axis] = w.kernel[axis];
    if (w.kernel[axis] < 1 || w.stride[axis] < 1 || w.dilation[axis] < 1)
      fail("{}: expected kernel, stride and dilation >= 1, got {}, {} and {}", op, w.kernel[axis], w.stride[axis],
           w.dilation[axis]);
    // Else a window could see nothing but padding.
    if (w.padding[axis] < 0 || w.padding[axis] * 2 > w.kernel[axis])
      fail("{}: expected a padding of 0 .. {}, half the kernel, got {}", op, w.kernel[axis] / 2, w.padding[axis]);
  }
  if (w.outputs() == 0) fail("{}: window [{}] does not fit into x {}", op, fmt::join(w.kernel, ", "), x.str());
  return w;
}

// Calls f(image, output, oh, ow) for every output of every image; threads split the images.
template <class F>
void for_each_output(const Window& w, int64_t images, F&& f) {
  const int64_t work = w.outputs() * w.taps();
  parallel_for(images, std::max<int64_t>(1, (1 << 14) / work), [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; ++image)
      for (int64_t oh = 0; oh < w.out(0); ++oh)
        for (int64_t ow = 0; ow < w.out(1); ++ow) f(image, oh * w.out(1) + ow, oh, ow);
  });
}

// Whether x[place] is the maximum rather than x[best]: NaN is larger than all, and of equals the first counts.
template <class T>
bool is_larger(const T* x, int64_t place, int64_t best) {
  return x[place] > x[best] || (std::isnan(x[place]) && !std::isnan(x[best]));
}

// The first largest of four numbers, without branches, which would be hard to foresee; NaN among them: any number.
template <class T>
int64_t largest_of_four(T a, T b, T c, T d) {
  const T ab = a < b ? b : a, cd = c < d ? d : c, most = ab < cd ? cd : ab;
  return (a != most) * (1 + (b != most) * (1 + (c != most)));
}

// Places of the maxima of a row of windows that lie in the image, from the one whose first tap is x[first].
template <class T>
void row_of_maxima(const T* x, const Window& w, int64_t first, int32_t* to) {
  const int64_t columns = w.out(1), row = w.dilation[0] * w.image[1], stride = w.stride[1], dilation = w.dilation[1];
  const bool is_square_of_two = w.kernel == std::array<int64_t, 2>{2, 2};
  for (int64_t ow = 0; ow < columns; ++ow, first += stride) {
    if (is_square_of_two) {
      const T a = x[first], b = x[first + dilation], c = x[first + row], d = x[first + row + dilation];
      if (!std::isnan(a + b + c + d)) {
        const int64_t place = largest_of_four(a, b, c, d);
        to[ow] = static_cast<int32_t>(first + (place >> 1) * row + (place & 1) * dilation);
        continue;
      }
    }
    int64_t best = first;
    for (int64_t kh = 0; kh < w.kernel[0]; ++kh) {
      for (int64_t kw = 0; kw < w.kernel[1]; ++kw) {
        if (const int64_t at = first + kh * row + kw * dilation; is_larger(x, at, best)) best = at;
      }
    }
    to[ow] = static_cast<int32_t>(best);
  }
}

template <class T>
void maxima_inside(const T* x, const Window& w, int64_t images, int32_t* to) {
  parallel_for(images, std::max<int64_t>(1, (1 << 14) / (w.outputs() * w.taps())), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin * w.out(0); row < end * w.out(0); ++row) {
      const int64_t image = row / w.out(0), first = row % w.out(0) * w.stride[0] * w.image[1];
      row_of_maxima(x + image * w.pixels(), w, first, to + row * w.out(1));
    }
  });
}

// Where the largest element of each window lies in its image: i32 [images, outputs].
Tensor places_of_maxima(const Tensor& images, const Window& w) {
  Tensor places = Tensor::empty({images.size(0), w.outputs()}, DType::kI32);
  int32_t* to = places.data<int32_t>();
  const bool inside = w.padding == std::array<int64_t, 2>{0, 0};
  dispatch_float("max_pool", images.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = images.data<T>();
    if (inside) return maxima_inside(from, w, images.size(0), to);
    for_each_output(w, images.size(0), [&](int64_t image, int64_t output, int64_t oh, int64_t ow) {
      const T* x = from + image * w.pixels();
      int64_t best = -1;
      w.for_each_tap(oh, ow, [&](int64_t at) { best = best < 0 || is_larger(x, at, best) ? at : best; });
      if (best < 0) fail("max_pool: the window of output {}, {} contains only padding", oh, ow);
      to[image * w.outputs() + output] = static_cast<int32_t>(best);
    });
  });
  return places;
}

// The factor of each tap in the mean of a window.
double share(const Window& w, bool count_padding, int64_t oh, int64_t ow) {
  if (count_padding) return 1 / static_cast<double>(w.taps());
  int64_t inside = 0;
  w.for_each_tap(oh, ow, [&](int64_t) { ++inside; });
  return 1 / static_cast<double>(std::max<int64_t>(inside, 1));
}

Tensor spread(const Tensor& g, const Window& w, bool count_padding);

// y [images, outputs] from x [images, pixels]
Tensor average(const Tensor& x, const Window& w, bool count_padding) {
  Tensor y = Tensor::empty({x.size(0), w.outputs()}, x.dtype());
  dispatch_float("avg_pool", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = y.data<T>();
    for_each_output(w, x.size(0), [&](int64_t image, int64_t output, int64_t oh, int64_t ow) {
      T sum = 0;
      w.for_each_tap(oh, ow, [&](int64_t place) { sum += from[image * w.pixels() + place]; });
      to[image * w.outputs() + output] = sum * static_cast<T>(share(w, count_padding, oh, ow));
    });
  });
  return record("avg_pool", {x}, y,
                [w, count_padding](const VjpArgs& v) { return Tensors{spread(v.grad(), w, count_padding)}; });
}

// The transpose of average.
Tensor spread(const Tensor& g, const Window& w, bool count_padding) {
  Tensor x = Tensor::zeros({g.size(0), w.pixels()}, g.dtype());
  dispatch_float("avg_pool", g.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = g.data<T>();
    T* to = x.data<T>();
    for_each_output(w, g.size(0), [&](int64_t image, int64_t output, int64_t oh, int64_t ow) {
      const T part = from[image * w.outputs() + output] * static_cast<T>(share(w, count_padding, oh, ow));
      w.for_each_tap(oh, ow, [&](int64_t place) { to[image * w.pixels() + place] += part; });
    });
  });
  return record("avg_pool_transposed", {g}, x,
                [w, count_padding](const VjpArgs& v) { return Tensors{average(v.grad(), w, count_padding)}; });
}

// f maps [images, pixels] to [images, outputs].
template <class F>
Tensor over_images(const Tensor& x, const Window& w, F&& f) {
  const Tensor y = f(reshape(x, Shape{x.size(0) * x.size(1), w.pixels()}));
  return reshape(y, Shape{x.size(0), x.size(1), w.out(0), w.out(1)});
}

// f pools images; a series is an image of height 1.
Tensor pool_series(const char* op, Tensor (*f)(const Tensor&, const Pool2dOptions&), const Tensor& x,
                   const Pool1dOptions& o) {
  if (x.rank() != 3) fail("{}: expected x [N, C, W], got {}", op, x.shape().str());
  const Tensor y = f(reshape(x, x.shape().inserted(2, 1)), {.kernel = {1, o.kernel},
                                                            .stride = {1, o.stride},
                                                            .padding = {0, o.padding},
                                                            .dilation = {1, o.dilation},
                                                            .count_padding = o.count_padding});
  return reshape(y, y.shape().erased(2));
}

template <class Options>
Attributes pool_attributes(const Options& o) {
  return {{"kernel", o.kernel},
          {"stride", o.stride},
          {"padding", o.padding},
          {"dilation", o.dilation},
          {"count_padding", o.count_padding}};
}

}  // namespace

Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options) {
  if (Trace* trace = tracing())
    return trace->op("max_pool2d", {x}, pool_attributes(options), [&] { return max_pool2d(x, options); });
  if (x.dtype() == DType::kBF16) return cast(max_pool2d(cast(x, DType::kF32), options), DType::kBF16);
  const Window w = window_of("max_pool", x.shape(), options);
  return over_images(x, w, [&](const Tensor& images) { return gather(images, 1, places_of_maxima(images, w)); });
}

Tensor avg_pool2d(const Tensor& x, const Pool2dOptions& options) {
  if (Trace* trace = tracing())
    return trace->op("avg_pool2d", {x}, pool_attributes(options), [&] { return avg_pool2d(x, options); });
  if (x.dtype() == DType::kBF16) return cast(avg_pool2d(cast(x, DType::kF32), options), DType::kBF16);
  const Window w = window_of("avg_pool", x.shape(), options);
  return over_images(x, w, [&](const Tensor& images) { return average(images, w, options.count_padding); });
}

Tensor max_pool1d(const Tensor& x, const Pool1dOptions& options) {
  if (Trace* trace = tracing())
    return trace->op("max_pool1d", {x}, pool_attributes(options), [&] { return max_pool1d(x, options); });
  return pool_series("max_pool1d", max_pool2d, x, options);
}
Tensor avg_pool1d(const Tensor& x, const Pool1dOptions& options) {
  if (Trace* trace = tracing())
    return trace->op("avg_pool1d", {x}, pool_attributes(options), [&] { return avg_pool1d(x, options); });
  return pool_series("avg_pool1d", avg_pool2d, x, options);
}

}  // namespace recur
