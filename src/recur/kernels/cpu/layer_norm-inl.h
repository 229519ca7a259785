// Layer normalisation of rows in SIMD, forward and backward. Included once per instruction set.
#if defined(RECUR_KERNELS_CPU_LAYER_NORM_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_CPU_LAYER_NORM_INL_H_
#undef RECUR_KERNELS_CPU_LAYER_NORM_INL_H_
#else
#define RECUR_KERNELS_CPU_LAYER_NORM_INL_H_
#endif

#include <cmath>

#include "recur/kernels/cpu/lanes-inl.h"
#include "recur/kernels/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {

HWY_INLINE float sum_of(Lanes x) { return hn::GetLane(hn::SumOfLanes(FloatTag(), x.v)); }

// The first `count` values; 0, or `otherwise` where there is no array.
HWY_INLINE Lanes load_or(const float* from, int64_t j, int64_t count, float otherwise) {
  return from == nullptr ? Lanes(otherwise) : Lanes::load(from + j, count);
}

// x - mean for the first `count` values, 0 behind them: they must not enter a sum.
HWY_INLINE Lanes centred(const float* x, int64_t count, float mean) {
  const Lanes d = Lanes::load(x, count) - Lanes(mean);
  if (count >= kLanes) return d;
  return hn::IfThenElseZero(hn::FirstN(FloatTag(), static_cast<size_t>(count)), d.v);
}

// The mean first, then the squares around it: the difference of large sums would lose what is asked for.
void layer_norm(const kernels::LayerNorm<float>& args, float* y, float* means, float* scales) {
  const int64_t n = args.n;
  const float* x = args.x;
  for (int64_t r = 0; r < args.rows; ++r, x += n, y += n) {
    Lanes sum{}, squares{};
    for (int64_t j = 0; j < n; j += kLanes) sum = sum + Lanes::load(x + j, n - j);
    const float mean = sum_of(sum) / static_cast<float>(n);
    for (int64_t j = 0; j < n; j += kLanes) {
      const Lanes d = centred(x + j, n - j, mean);
      squares = fma(d, d, squares);
    }
    const float scale = 1 / std::sqrt(sum_of(squares) / static_cast<float>(n) + args.eps);
    for (int64_t j = 0; j < n; j += kLanes) {
      const Lanes normal = centred(x + j, n - j, mean) * Lanes(scale);
      fma(normal, load_or(args.weight, j, n - j, 1), load_or(args.bias, j, n - j, 0)).store(y + j, n - j);
    }
    means[r] = mean;
    scales[r] = scale;
  }
}

void layer_norm_grad(const kernels::LayerNormGrad<float>& args, float* dx, float* dweight, float* dbias) {
  const int64_t n = args.n;
  const float share = 1 / static_cast<float>(n);
  const float* x = args.x;
  const float* g = args.g;
  for (int64_t r = 0; r < args.rows; ++r, x += n, g += n, dx += n) {
    const float mean = args.means[r], scale = args.scales[r];
    Lanes sum{}, projection{};
    for (int64_t j = 0; j < n; j += kLanes) {
      const Lanes grad = Lanes::load(g + j, n - j), normal = centred(x + j, n - j, mean) * Lanes(scale);
      const Lanes weighted = grad * load_or(args.weight, j, n - j, 1);
      sum = sum + weighted;
      projection = fma(weighted, normal, projection);
      fma(grad, normal, Lanes::load(dweight + j, n - j)).store(dweight + j, n - j);
      (grad + Lanes::load(dbias + j, n - j)).store(dbias + j, n - j);
    }
    const Lanes even(sum_of(sum) * share), along(sum_of(projection) * share);
    for (int64_t j = 0; j < n; j += kLanes) {
      const Lanes normal = centred(x + j, n - j, mean) * Lanes(scale);
      const Lanes weighted = Lanes::load(g + j, n - j) * load_or(args.weight, j, n - j, 1);
      (Lanes(scale) * (weighted - even - normal * along)).store(dx + j, n - j);
    }
  }
}

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
