// The passes of batch normalisation, once for every instruction set and as the scalar reference.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/cpu/channel_norm.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include "recur/kernels/channel_norm.h"
#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/ref/scalar_math.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::ChannelGradient;
using kernels::ChannelGradSums;
using kernels::ChannelNormKernels;
using kernels::ChannelRuns;
using kernels::ChannelScale;

HWY_INLINE double total(Lanes x) { return static_cast<double>(hn::GetLane(hn::SumOfLanes(FloatTag(), x.v))); }
template <class T>
double total(Scalar<T> x) {
  return static_cast<double>(x.v);
}

// A sum in several parts, as additions wait for each other; every run is added up in f64.
template <class V>
class Sums {
 public:
  static constexpr int kWays = 4;

  HWY_INLINE void add(int way, V term) { ways_[way] = ways_[way] + term; }
  HWY_INLINE double take() {
    const double sum = total((ways_[0] + ways_[1]) + (ways_[2] + ways_[3]));
    for (V& way : ways_) way = V{};
    return sum;
  }

 private:
  V ways_[kWays]{};
};

// f(way, at) for every whole vector of a run, then rest(at) for every value behind them.
template <class V, class F, class R>
HWY_INLINE void over_run(int64_t n, const F& f, const R& rest) {
  constexpr int64_t kAtOnce = Sums<V>::kWays * V::kCount;
  int64_t i = 0;
  for (; i + kAtOnce <= n; i += kAtOnce)
    for (int way = 0; way < Sums<V>::kWays; ++way) f(way, i + way * V::kCount);
  for (; i + V::kCount <= n; i += V::kCount) f(0, i);
  for (; i < n; ++i) rest(i);
}

template <class V, class T = typename V::Value>
double sum(const ChannelRuns& on, const T* x) {
  double whole = 0;
  Sums<V> sums;
  for (int64_t r = 0; r < on.runs; ++r, x += on.stride) {
    over_run<V>(
        on.n, [&](int way, int64_t at) HWY_ATTR { sums.add(way, V::load(x + at)); },
        [&](int64_t at) { whole += static_cast<double>(x[at]); });
    whole += sums.take();
  }
  return whole;
}

template <class V, class T = typename V::Value>
double squares(const ChannelRuns& on, const T* x, T mean) {
  double whole = 0;
  const V middle(mean);
  Sums<V> sums;
  for (int64_t r = 0; r < on.runs; ++r, x += on.stride) {
    over_run<V>(
        on.n,
        [&](int way, int64_t at) HWY_ATTR {
          const V d = V::load(x + at) - middle;
          sums.add(way, d * d);
        },
        [&](int64_t at) { whole += static_cast<double>((x[at] - mean) * (x[at] - mean)); });
    whole += sums.take();
  }
  return whole;
}

template <class V, bool kRelu, class T = typename V::Value>
void scale_as(const ChannelRuns& on, const ChannelScale<T>& by, const T* x, T* y) {
  using One = Scalar<T>;
  const auto scaled = [](auto value, auto mean, auto scale, auto shift) HWY_ATTR {
    const auto y = fma(value - mean, scale, shift);
    if constexpr (kRelu) return relu(y);
    return y;
  };
  const V mean(by.mean), scale(by.scale), shift(by.shift);
  for (int64_t r = 0; r < on.runs; ++r, x += on.stride, y += on.stride) {
    over_run<V>(
        on.n, [&](int, int64_t at) HWY_ATTR { scaled(V::load(x + at), mean, scale, shift).store(y + at); },
        [&](int64_t at) { y[at] = scaled(One(x[at]), One(by.mean), One(by.scale), One(by.shift)).v; });
  }
}

template <class V, class T = typename V::Value>
void scale(const ChannelRuns& on, const ChannelScale<T>& by, const T* x, T* y) {
  by.relu ? scale_as<V, true>(on, by, x, y) : scale_as<V, false>(on, by, x, y);
}

// g where scale d + shift is above 0, or all of it.
template <bool kRelu, class V>
HWY_INLINE V passed(V g, V d, V scale, V shift) {
  if constexpr (kRelu) return g * step(fma(d, scale, shift));
  return g;
}

template <class V, bool kRelu, class T = typename V::Value>
ChannelGradSums gradient_sums_as(const ChannelRuns& on, const ChannelScale<T>& by, const T* g, const T* x) {
  using One = Scalar<T>;
  ChannelGradSums whole;
  const V mean(by.mean), scale(by.scale), shift(by.shift);
  Sums<V> of_g, products;
  for (int64_t r = 0; r < on.runs; ++r, g += on.stride, x += on.stride) {
    over_run<V>(
        on.n,
        [&](int way, int64_t at) HWY_ATTR {
          const V d = V::load(x + at) - mean, own = passed<kRelu>(V::load(g + at), d, scale, shift);
          of_g.add(way, own);
          products.add(way, own * d);
        },
        [&](int64_t at) {
          const T d = x[at] - by.mean, own = passed<kRelu>(One(g[at]), One(d), One(by.scale), One(by.shift)).v;
          whole.g += static_cast<double>(own);
          whole.product += static_cast<double>(own * d);
        });
    whole.g += of_g.take();
    whole.product += products.take();
  }
  return whole;
}

template <class V, class T = typename V::Value>
ChannelGradSums gradient_sums(const ChannelRuns& on, const ChannelScale<T>& by, const T* g, const T* x) {
  return by.relu ? gradient_sums_as<V, true>(on, by, g, x) : gradient_sums_as<V, false>(on, by, g, x);
}

template <class V, bool kRelu, class T = typename V::Value>
void gradient_as(const ChannelRuns& on, const ChannelScale<T>& by, const T* g, const T* x, ChannelGradient<T> of,
                 T* dx) {
  using One = Scalar<T>;
  const V mean(by.mean), scale(by.scale), shift(by.shift), of_g(of.of_g), of_x(of.of_x), more(of.shift);
  for (int64_t r = 0; r < on.runs; ++r, g += on.stride, x += on.stride, dx += on.stride) {
    over_run<V>(
        on.n,
        [&](int, int64_t at) HWY_ATTR {
          const V d = V::load(x + at) - mean;
          fma(passed<kRelu>(V::load(g + at), d, scale, shift), of_g, fma(d, of_x, more)).store(dx + at);
        },
        [&](int64_t at) {
          const T d = x[at] - by.mean, own = passed<kRelu>(One(g[at]), One(d), One(by.scale), One(by.shift)).v;
          dx[at] = of.of_g * own + of.of_x * d + of.shift;
        });
  }
}

template <class V, class T = typename V::Value>
void gradient(const ChannelRuns& on, const ChannelScale<T>& by, const T* g, const T* x, ChannelGradient<T> of, T* dx) {
  by.relu ? gradient_as<V, true>(on, by, g, x, of, dx) : gradient_as<V, false>(on, by, g, x, of, dx);
}

template <class V, class T = typename V::Value>
ChannelNormKernels<T> channel_norm_of() {
  return {.sum = sum<V>,
          .squares = squares<V>,
          .scale = scale<V>,
          .gradient_sums = gradient_sums<V>,
          .gradient = gradient<V>};
}
ChannelNormKernels<float> channel_norm_kernels() { return channel_norm_of<Lanes>(); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(channel_norm_kernels);

namespace kernels {

template <class T>
const ChannelNormKernels<T>& reference_channel_norm_kernels() {
  static const ChannelNormKernels<T> reference = HWY_STATIC_DISPATCH(channel_norm_of)<Scalar<T>>();
  return reference;
}
template const ChannelNormKernels<float>& reference_channel_norm_kernels<float>();
template const ChannelNormKernels<double>& reference_channel_norm_kernels<double>();

template <>
const ChannelNormKernels<float>& channel_norm_kernels<float>() {
  static const ChannelNormKernels<float> chosen =
      use_reference() ? reference_channel_norm_kernels<float>() : HWY_DYNAMIC_DISPATCH(channel_norm_kernels)();
  return chosen;
}

template <>
const ChannelNormKernels<double>& channel_norm_kernels<double>() {
  return reference_channel_norm_kernels<double>();
}

}  // namespace kernels
}  // namespace recur
#endif
