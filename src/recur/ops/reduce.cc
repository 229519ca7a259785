#include "recur/ops/reduce.h"

#include <cmath>
#include <limits>

#include "recur/autograd/node.h"
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

template <class T>
bool is_nan(T value) {
  if constexpr (std::is_floating_point_v<T>) return std::isnan(value);
  return false;
}

// The first place along each line of x that beats all others, NaN beating every number.
template <class T, class Beats>
void find(const T* x, int32_t* places, const AroundAxis& around, Beats beats) {
  const int64_t outer = around.outer, n = around.n, inner = around.inner;
  parallel_for(outer, std::max<int64_t>(1, (1 << 14) / (n * inner)), [=](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        const T* line = x + o * n * inner + i;
        int64_t best = 0;
        for (int64_t k = 1; k < n && !is_nan(line[best * inner]); ++k)
          if (beats(line[k * inner], line[best * inner]) || is_nan(line[k * inner])) best = k;
        places[o * inner + i] = static_cast<int32_t>(best);
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
  return without(places_of("argmax", x, axis, true), axis, keep_axis);
}
Tensor argmin(const Tensor& x, int axis, bool keep_axis) {
  return without(places_of("argmin", x, axis, false), axis, keep_axis);
}

Tensor max(const Tensor& x, int axis, bool keep_axis) {
  return without(gather(x, axis, places_of("max", x, axis, true)), axis, keep_axis);
}
Tensor min(const Tensor& x, int axis, bool keep_axis) {
  return without(gather(x, axis, places_of("min", x, axis, false)), axis, keep_axis);
}

Tensor variance(const Tensor& x, int axis, bool unbiased, bool keep_axis) {
  const int64_t n = x.size(axis) - (unbiased ? 1 : 0);
  if (n < 1) fail("variance: axis {} of {} has too few elements", axis, x.shape().str());
  return sum(square(x - mean(x, axis, true)), axis, keep_axis) / static_cast<double>(n);
}

Tensor cumsum(const Tensor& x, int axis, bool reversed) {
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
