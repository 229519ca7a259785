#include "recur/ops/direct_conv.h"

#include <algorithm>

#include "recur/base/threads.h"
#include "recur/kernels/conv.h"
#include "recur/kernels/scratch.h"

namespace recur::internal {
namespace {

using kernels::DirectConv;
using kernels::Scratch;

DirectConv direct_plan(const Shape& x, const Shape& w, const Conv2dOptions& o) {
  return {.channels = x[1],
          .filters = w[0],
          .image = {x[2], x[3]},
          .padding = o.padding,
          .kernel = {w[2], w[3]},
          .dilation = o.dilation};
}

// All images with filters that are packed already.
Tensor convolve_images(const DirectConv& conv, const Tensor& x, const Tensor& packed, const Tensor& bias) {
  const int64_t images = x.size(0);
  Tensor y = Tensor::empty({images, conv.filters, conv.out(0), conv.out(1)});
  const float *from = x.data<float>(), *filters = packed.data<float>();
  const float* shift = bias.defined() ? bias.data<float>() : nullptr;
  float* to = y.data<float>();
  const int64_t together = kernels::images_at_once(conv);
  parallel_for((images + together - 1) / together, 1, [&](int64_t group, int64_t) {
    const int64_t first = group * together, count = std::min(together, images - first);
    const Scratch<float> room(count * conv.room());
    for (int64_t n = 0; n < count; ++n) {
      kernels::pad_image(conv, from + (first + n) * conv.channels * conv.pixels(), /*channels_last=*/false,
                         room.data() + n * conv.room());
    }
    kernels::convolve(conv, count, filters, room.data(), shift, to + first * conv.filters * conv.places());
  });
  return y;
}

}  // namespace

bool runs_direct(const Shape& x, const Shape& w, DType dtype, const Conv2dOptions& o) {
  const bool one_step = o.stride[0] == 1 && o.stride[1] == 1;
  return dtype == DType::kF32 && one_step && o.groups == 1 && w[2] * w[3] > 1 && x.numel() > 0 && w.numel() > 0 &&
         kernels::has_direct_conv();
}

Tensor direct_convolve(const Tensor& x, const Tensor& w, const Tensor& bias, const Conv2dOptions& o) {
  const DirectConv conv = direct_plan(x.shape(), w.shape(), o);
  Tensor packed = Tensor::empty({w.numel()});
  kernels::pack_filters(conv, w.data<float>(), packed.data<float>());
  return convolve_images(conv, x, packed, bias);
}

Tensor direct_input_gradient(const Tensor& g, const Tensor& w, const Shape& x, const Conv2dOptions& o) {
  const DirectConv conv = direct_plan(x, w.shape(), o);
  Tensor packed = Tensor::empty({w.numel()});
  kernels::pack_filters_of_gradient(conv, w.data<float>(), packed.data<float>());
  return convolve_images(conv.of_gradient(), g, packed, {});
}

// At most eight runs of images are added up by themselves and then in order: the grid, and so the result, does not
// depend on the threads.
Tensor direct_weight_gradient(const Tensor& g, const Tensor& x, const Shape& w, const Conv2dOptions& o) {
  constexpr int64_t kRuns = 8;
  const DirectConv conv = direct_plan(x.shape(), w, o);
  const int64_t images = x.size(0), run = std::max<int64_t>(1, (images + kRuns - 1) / kRuns), size = w.numel();
  const int64_t runs = (images + run - 1) / run;
  Tensor shares = Tensor::zeros({runs, size}), dw = Tensor::empty(w);
  const float *from = x.data<float>(), *grads = g.data<float>();
  float* share = shares.data<float>();
  parallel_for(images, run, [&](int64_t begin, int64_t end) {
    const Scratch<float> room(conv.room());
    for (int64_t n = begin; n < end; ++n) {
      kernels::pad_image(conv, from + n * conv.channels * conv.pixels(), /*channels_last=*/true, room.data());
      kernels::add_filter_gradient(conv, grads + n * conv.filters * conv.places(), room.data(),
                                   share + begin / run * size);
    }
  });
  for (int64_t r = 1; r < runs; ++r) {
    for (int64_t i = 0; i < size; ++i) share[i] += share[r * size + i];
  }
  // From [O, taps, C].
  float* to = dw.data<float>();
  const int64_t taps = conv.taps();
  for (int64_t f = 0; f < conv.filters; ++f) {
    for (int64_t c = 0; c < conv.channels; ++c) {
      for (int64_t tap = 0; tap < taps; ++tap) *to++ = share[(f * taps + tap) * conv.channels + c];
    }
  }
  return dw;
}

}  // namespace recur::internal
