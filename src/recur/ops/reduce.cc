#include "recur/ops/reduce.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/ops/axis.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/gather.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

using autograd::record;
using autograd::Save;
using autograd::VjpArgs;

inline constexpr int64_t kStretch = 256;  // lines side by side whose best stay in the L1 cache

// The first place along each of `count` lines side by side that beats all others, NaN beating every number.
template <class T, class Beats>
void find_stretch(const T* x, int64_t n, int64_t stride, int64_t count, Beats beats, int32_t* places) {
  T best[kStretch];
  std::copy_n(x, count, best);
  std::fill_n(places, count, 0);
  for (int64_t k = 1; k < n; ++k) {
    const T* at = x + k * stride;
    for (int64_t i = 0; i < count; ++i) {  // without branches: the compiler makes vectors of it
      const T value = at[i], other = best[i];
      // NOLINTNEXTLINE(misc-redundant-expression): what differs from itself is NaN
      const bool wins = beats(value, other) | ((value != value) & (other == other));
      best[i] = wins ? value : other;
      places[i] = wins ? static_cast<int32_t>(k) : places[i];
    }
  }
}

template <class T, class Beats>
void find(const T* x, int32_t* places, const AroundAxis& around, Beats beats) {
  const int64_t n = around.n, inner = around.inner, stretches = (inner + kStretch - 1) / kStretch;
  const int64_t work = n * std::min(inner, kStretch);
  parallel_for(around.outer * stretches, std::max<int64_t>(1, (1 << 14) / work), [=](int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; ++s) {
      const int64_t o = s / stretches, i = s % stretches * kStretch;
      find_stretch(x + o * n * inner + i, n, inner, std::min(kStretch, inner - i), beats, places + o * inner + i);
    }
  });
}

// The places with the axis kept, of size 1.
Tensor places_of(const char* op, const Tensor& x, int axis, bool largest) {
  if (x.size(axis) == 0) fail("{}: axis {} of {} is empty", op, axis, x.shape().str());
  if (x.size(axis) > std::numeric_limits<int32_t>::max()) fail("{}: axis {} is too long", op, axis);
  if (x.dtype() == DType::kBF16) return places_of(op, cast(x, DType::kF32), axis, largest);
  Tensor places = Tensor::empty(x.shape().with(axis, 1), DType::kI32);
  if (places.numel() == 0) return places;
  dispatch(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const AroundAxis around(x.shape(), axis);
    if constexpr (!std::is_same_v<T, bf16>) {
      if (largest)
        find(x.data<T>(), places.data<int32_t>(), around, [](T a, T b) { return a > b; });
      else
        find(x.data<T>(), places.data<int32_t>(), around, [](T a, T b) { return a < b; });
    }
  });
  return places;
}

Tensor without(const Tensor& x, int axis, bool keep_axis) { return keep_axis ? x : reshape(x, x.shape().erased(axis)); }

template <class T>
void add_up(const T* x, T* y, const AroundAxis& around, bool reversed) {
  const int64_t outer = around.outer, n = around.n, inner = around.inner;
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t step = 0; step < n; ++step) {
      const int64_t k = reversed ? n - 1 - step : step, before = reversed ? k + 1 : k - 1;
      const T* from = x + (o * n + k) * inner;
      const T* sum = y + (o * n + before) * inner;
      T* to = y + (o * n + k) * inner;
      for (int64_t i = 0; i < inner; ++i) to[i] = step == 0 ? from[i] : sum[i] + from[i];
    }
}

}  // namespace

Tensor argmax(const Tensor& x, int axis, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("argmax", {x}, {{"axis", x.shape().normalize(axis)}, {"keep_axis", keep_axis}},
                     [&] { return argmax(x, axis, keep_axis); });
  return without(places_of("argmax", x, axis, true), axis, keep_axis);
}
Tensor argmin(const Tensor& x, int axis, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("argmin", {x}, {{"axis", x.shape().normalize(axis)}, {"keep_axis", keep_axis}},
                     [&] { return argmin(x, axis, keep_axis); });
  return without(places_of("argmin", x, axis, false), axis, keep_axis);
}

Tensor max(const Tensor& x, int axis, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("max", {x}, {{"axis", x.shape().normalize(axis)}, {"keep_axis", keep_axis}},
                     [&] { return max(x, axis, keep_axis); });
  return without(gather(x, axis, places_of("max", x, axis, true)), axis, keep_axis);
}
Tensor min(const Tensor& x, int axis, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("min", {x}, {{"axis", x.shape().normalize(axis)}, {"keep_axis", keep_axis}},
                     [&] { return min(x, axis, keep_axis); });
  return without(gather(x, axis, places_of("min", x, axis, false)), axis, keep_axis);
}

Tensor variance(const Tensor& x, int axis, bool unbiased, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("variance", {x},
                     {{"axis", x.shape().normalize(axis)}, {"unbiased", unbiased}, {"keep_axis", keep_axis}},
                     [&] { return variance(x, axis, unbiased, keep_axis); });
  const int64_t n = x.size(axis) - (unbiased ? 1 : 0);
  if (n < 1) fail("variance: axis {} of {} has too few elements", axis, x.shape().str());
  return sum(square(x - mean(x, axis, true)), axis, keep_axis) / static_cast<double>(n);
}

Tensor cumsum(const Tensor& x, int axis, bool reversed) {
  if (Trace* trace = tracing())
    return trace->op("cumsum", {x}, {{"axis", x.shape().normalize(axis)}, {"reversed", reversed}},
                     [&] { return cumsum(x, axis, reversed); });
  axis = x.shape().normalize(axis);
  if (x.dtype() == DType::kBF16) return cast(cumsum(cast(x, DType::kF32), axis, reversed), DType::kBF16);
  Tensor y = Tensor::empty(x.shape(), x.dtype());
  dispatch_float("cumsum", x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    add_up(std::as_const(x).template data<T>(), y.data<T>(), AroundAxis(x.shape(), axis), reversed);
  });
  return record("cumsum", {x}, y,
                [axis, reversed](const VjpArgs& v) { return Tensors{cumsum(v.grad(), axis, !reversed)}; });
}

Tensor norm(const Tensor& x, int axis, bool keep_axis) {
  if (Trace* trace = tracing())
    return trace->op("norm", {x}, {{"axis", x.shape().normalize(axis)}, {"keep_axis", keep_axis}},
                     [&] { return norm(x, axis, keep_axis); });
  axis = x.shape().normalize(axis);
  Tensor length;
  {
    const autograd::NoGrad no_grad;
    length = sqrt(sum(square(x), axis, /*keep_axis=*/true));
  }
  const auto vjp = [x](const VjpArgs& v) {
    const Tensor y = v.output();
    return Tensors{v.grad() * x / masked_fill(y, equal(y.detach(), Tensor::scalar(0, y.dtype())), 1)};
  };
  return without(record("norm", {x}, length, vjp, Save::kOutputs), axis, keep_axis);
}

Tensor norm(const Tensor& x) { return norm(reshape(x, {x.numel()}), 0); }

}  // namespace recur
