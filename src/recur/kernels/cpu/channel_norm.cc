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

using kernels::ChannelGradSums;
using kernels::ChannelNormKernels;
using kernels::ChannelRuns;

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

template <class V, class T = typename V::Value>
void scale(const ChannelRuns& on, const T* x, T mean, T scale, T shift, T* y) {
  const V middle(mean), factor(scale), more(shift);
  for (int64_t r = 0; r < on.runs; ++r, x += on.stride, y += on.stride) {
    over_run<V>(
        on.n, [&](int, int64_t at) HWY_ATTR { fma(V::load(x + at) - middle, factor, more).store(y + at); },
        [&](int64_t at) { y[at] = (x[at] - mean) * scale + shift; });
  }
}

template <class V, class T = typename V::Value>
ChannelGradSums gradient_sums(const ChannelRuns& on, const T* g, const T* x, T mean) {
  ChannelGradSums whole;
  const V middle(mean);
  Sums<V> of_g, products;
  for (int64_t r = 0; r < on.runs; ++r, g += on.stride, x += on.stride) {
    over_run<V>(
        on.n,
        [&](int way, int64_t at) HWY_ATTR {
          const V own = V::load(g + at);
          of_g.add(way, own);
          products.add(way, own * (V::load(x + at) - middle));
        },
        [&](int64_t at) {
          whole.g += static_cast<double>(g[at]);
          whole.product += static_cast<double>(g[at] * (x[at] - mean));
        });
    whole.g += of_g.take();
    whole.product += products.take();
  }
  return whole;
}

template <class V, class T = typename V::Value>
void gradient(const ChannelRuns& on, const T* g, const T* x, T mean, T of_g, T of_x, T shift, T* dx) {
  const V middle(mean), factor_g(of_g), factor_x(of_x), more(shift);
  for (int64_t r = 0; r < on.runs; ++r, g += on.stride, x += on.stride, dx += on.stride) {
    over_run<V>(
        on.n,
        [&](int, int64_t at)
            HWY_ATTR { fma(V::load(g + at), factor_g, fma(V::load(x + at) - middle, factor_x, more)).store(dx + at); },
        [&](int64_t at) { dx[at] = of_g * g[at] + of_x * (x[at] - mean) + shift; });
  }
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
