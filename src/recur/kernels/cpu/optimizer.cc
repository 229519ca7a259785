// The optimisers' rules, each once for every instruction set and as the scalar reference.
// clang-format off: foreach_target.h re-includes this file once per instruction set and must come first
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "recur/kernels/cpu/optimizer.cc"
#include <hwy/foreach_target.h>
// clang-format on

#include <algorithm>
#include <cmath>

#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/kernels.h"
#include "recur/kernels/optimizer.h"
#include "recur/kernels/ref/scalar_math.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

using kernels::AdagradRule;
using kernels::AdamRule;
using kernels::Elements;
using kernels::OptimizerKernels;
using kernels::RmspropRule;
using kernels::SgdRule;

HWY_INLINE Lanes square_root(Lanes x) { return hn::Sqrt(x.v); }
HWY_INLINE Lanes larger(Lanes a, Lanes b) { return hn::IfThenElse(hn::Lt(a.v, b.v), b.v, a.v); }
template <class T>
Scalar<T> square_root(Scalar<T> x) {
  return std::sqrt(x.v);
}
template <class T>
Scalar<T> larger(Scalar<T> a, Scalar<T> b) {
  return std::max(a.v, b.v);
}

// f(w, gradient, kept) changes w and the kKept quantities of a vector of elements.
template <class V, int kKept, class F>
HWY_INLINE void for_each(const Elements<typename V::Value>& on, const F& f) {
  const V scale(on.scale), decay(on.decay);
  for (int64_t i = 0; i < on.n; i += V::kCount) {
    const int64_t n = std::min<int64_t>(V::kCount, on.n - i);
    V w = V::load(on.w + i, n), kept[kKept + 1];
    for (int k = 0; k < kKept; ++k) kept[k] = V::load(on.kept[k] + i, n);
    f(w, scale * V::load(on.g + i, n) + decay * w, kept);
    w.store(on.w + i, n);
    for (int k = 0; k < kKept; ++k) kept[k].store(on.kept[k] + i, n);
  }
}

template <class V, class T = typename V::Value>
void sgd(const SgdRule<T>& rule, const Elements<T>& on) {
  const V rate(rule.rate), momentum(rule.momentum), fresh(rule.fresh);
  if (rule.momentum == 0) return for_each<V, 0>(on, [&](V& w, V g, V*) HWY_ATTR { w = w - rate * g; });
  if (rule.nesterov)
    return for_each<V, 1>(on, [&](V& w, V g, V* kept) HWY_ATTR {
      kept[0] = momentum * kept[0] + fresh * g;
      w = w - rate * (g + momentum * kept[0]);
    });
  for_each<V, 1>(on, [&](V& w, V g, V* kept) HWY_ATTR {
    kept[0] = momentum * kept[0] + fresh * g;
    w = w - rate * kept[0];
  });
}

template <class V, bool kAmsgrad, class T = typename V::Value>
void adam_as(const AdamRule<T>& rule, const Elements<T>& on) {
  const V rate(rule.rate), beta1(rule.beta1), rest1(rule.rest1), beta2(rule.beta2), rest2(rule.rest2);
  const V unbias(rule.unbias), epsilon(rule.epsilon), keep(rule.keep);
  for_each<V, kAmsgrad ? 3 : 2>(on, [&](V& w, V g, V* kept) HWY_ATTR {
    kept[0] = beta1 * kept[0] + rest1 * g;
    kept[1] = beta2 * kept[1] + rest2 * g * g;
    V v = kept[1];
    if constexpr (kAmsgrad) v = kept[2] = larger(kept[2], v);
    w = keep * w - rate * kept[0] / (square_root(v) * unbias + epsilon);
  });
}

template <class V, class T = typename V::Value>
void adam(const AdamRule<T>& rule, const Elements<T>& on) {
  rule.amsgrad ? adam_as<V, true>(rule, on) : adam_as<V, false>(rule, on);
}

template <class V, bool kCentered, bool kMomentum, class T = typename V::Value>
void rmsprop_as(const RmspropRule<T>& rule, const Elements<T>& on) {
  const V rate(rule.rate), alpha(rule.alpha), rest(rule.rest), epsilon(rule.epsilon), momentum(rule.momentum);
  for_each<V, 1 + kCentered + kMomentum>(on, [&](V& w, V g, V* kept) HWY_ATTR {
    kept[0] = alpha * kept[0] + rest * g * g;
    V variance = kept[0];
    if constexpr (kCentered) {
      kept[1] = alpha * kept[1] + rest * g;
      variance = larger(variance - kept[1] * kept[1], V());  // rounding can leave it just below 0
    }
    V step = g / (square_root(variance) + epsilon);
    if constexpr (kMomentum) step = kept[1 + kCentered] = momentum * kept[1 + kCentered] + step;
    w = w - rate * step;
  });
}

template <class V, class T = typename V::Value>
void rmsprop(const RmspropRule<T>& rule, const Elements<T>& on) {
  if (rule.centered)
    rule.momentum != 0 ? rmsprop_as<V, true, true>(rule, on) : rmsprop_as<V, true, false>(rule, on);
  else
    rule.momentum != 0 ? rmsprop_as<V, false, true>(rule, on) : rmsprop_as<V, false, false>(rule, on);
}

template <class V, class T = typename V::Value>
void adagrad(const AdagradRule<T>& rule, const Elements<T>& on) {
  const V rate(rule.rate), epsilon(rule.epsilon);
  for_each<V, 1>(on, [&](V& w, V g, V* kept) HWY_ATTR {
    kept[0] = kept[0] + g * g;
    w = w - rate * g / (square_root(kept[0]) + epsilon);
  });
}

template <class T>
double plain_sum_of_squares(const T* x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

// In several sums, as additions wait for each other.
double sum_of_squares(const float* x, int64_t n) {
  constexpr int kWays = 4;
  const hn::ScalableTag<double> wide;
  const hn::Rebind<float, decltype(wide)> narrow;
  const auto lanes = static_cast<int64_t>(hn::Lanes(wide));
  hn::Vec<decltype(wide)> sums[kWays];
  for (auto& sum : sums) sum = hn::Zero(wide);
  int64_t i = 0;
  for (; i + kWays * lanes <= n; i += kWays * lanes)
    for (int w = 0; w < kWays; ++w) {
      const auto value = hn::PromoteTo(wide, hn::LoadU(narrow, x + i + w * lanes));
      sums[w] = hn::MulAdd(value, value, sums[w]);
    }
  const auto sum = hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
  return hn::GetLane(hn::SumOfLanes(wide, sum)) + plain_sum_of_squares(x + i, n - i);
}

template <class V, class T = typename V::Value>
OptimizerKernels<T> kernels_with(double (*squares)(const T*, int64_t)) {
  return {.sgd = sgd<V>, .adam = adam<V>, .rmsprop = rmsprop<V>, .adagrad = adagrad<V>, .sum_of_squares = squares};
}
OptimizerKernels<float> optimizer_kernels() { return kernels_with<Lanes>(sum_of_squares); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace recur {
HWY_EXPORT(optimizer_kernels);

namespace kernels {

template <class T>
const OptimizerKernels<T>& reference_optimizer_kernels() {
  using Plain = Scalar<T>;
  static const OptimizerKernels<T> reference =
      HWY_STATIC_DISPATCH(kernels_with)<Plain>(HWY_STATIC_DISPATCH(plain_sum_of_squares) < T >);
  return reference;
}
template const OptimizerKernels<float>& reference_optimizer_kernels<float>();
template const OptimizerKernels<double>& reference_optimizer_kernels<double>();

template <>
const OptimizerKernels<float>& optimizer_kernels<float>() {
  static const OptimizerKernels<float> chosen =
      use_reference() ? reference_optimizer_kernels<float>() : HWY_DYNAMIC_DISPATCH(optimizer_kernels)();
  return chosen;
}

template <>
const OptimizerKernels<double>& optimizer_kernels<double>() {
  return reference_optimizer_kernels<double>();
}

}  // namespace kernels
}  // namespace recur
#endif
