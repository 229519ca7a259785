// One SIMD vector as a value with operators, over Highway, and the functions that kernels and cells are written in.
// Included once per instruction set (no #pragma once: the guard toggles).
#if defined(RECUR_KERNELS_CPU_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef RECUR_KERNELS_CPU_LANES_INL_H_
#undef RECUR_KERNELS_CPU_LANES_INL_H_
#else
#define RECUR_KERNELS_CPU_LANES_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>

#include "recur/kernels/tanh_ratio.h"

HWY_BEFORE_NAMESPACE();
namespace recur::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using IntTag = hn::RebindToSigned<FloatTag>;

inline constexpr int64_t kLanes = HWY_LANES(float);
// Elsewhere Highway's masked loads and stores read, and write back, the whole vector: beyond the end of an array.
inline constexpr bool kMasksMemory = HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL;

// As many f32 values as the instruction set's registers hold.
struct Lanes {
  using Value = float;
  static constexpr int64_t kCount = kLanes;

  hn::Vec<FloatTag> v;

  Lanes() = default;  // not set, as a number is; Lanes() and Lanes x{} are zero
  HWY_INLINE Lanes(hn::Vec<FloatTag> vector) : v(vector) {}
  HWY_INLINE Lanes(float value) : v(hn::Set(FloatTag(), value)) {}

  static HWY_INLINE Lanes load(const float* from) { return hn::LoadU(FloatTag(), from); }
  HWY_INLINE void store(float* to) const { hn::StoreU(v, FloatTag(), to); }
  // Only the first n values are touched in memory; the others load as 0.
  static HWY_INLINE Lanes load(const float* from, int64_t n) {
    if (n >= kCount) return load(from);
    if constexpr (!kMasksMemory) {
      HWY_ALIGN float part[kCount] = {};
      std::copy(from, from + n, part);
      return load(part);
    }
    return hn::MaskedLoad(hn::FirstN(FloatTag(), static_cast<size_t>(n)), FloatTag(), from);
  }
  HWY_INLINE void store(float* to, int64_t n) const {
    if (n >= kCount) return store(to);
    if constexpr (!kMasksMemory) {
      HWY_ALIGN float part[kCount];
      store(part);
      std::copy(part, part + n, to);
      return;
    }
    hn::BlendedStore(v, hn::FirstN(FloatTag(), static_cast<size_t>(n)), FloatTag(), to);
  }
};

HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return hn::Add(a.v, b.v); }
HWY_INLINE Lanes operator-(Lanes a, Lanes b) { return hn::Sub(a.v, b.v); }
HWY_INLINE Lanes operator*(Lanes a, Lanes b) { return hn::Mul(a.v, b.v); }
HWY_INLINE Lanes operator/(Lanes a, Lanes b) { return hn::Div(a.v, b.v); }
HWY_INLINE Lanes operator-(Lanes a) { return hn::Neg(a.v); }
// a * b + c, rounded once.
HWY_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { return hn::MulAdd(a.v, b.v, c.v); }

// x bounded from one side, NaN passing through: x86's min and max return the second operand where one is NaN, Highway's
// scalar ones the number.
HWY_INLINE Lanes at_least(float low, Lanes x) {
  if (HWY_TARGET == HWY_SCALAR) return hn::IfThenElse(hn::Lt(x.v, Lanes(low).v), Lanes(low).v, x.v);
  return hn::Max(Lanes(low).v, x.v);
}
HWY_INLINE Lanes at_most(float high, Lanes x) {
  if (HWY_TARGET == HWY_SCALAR) return hn::IfThenElse(hn::Lt(Lanes(high).v, x.v), Lanes(high).v, x.v);
  return hn::Min(Lanes(high).v, x.v);
}
HWY_INLINE Lanes clamp(Lanes x, float low, float high) { return at_least(low, at_most(high, x)); }

// e^x = 2^n e^r with |r| <= log(2)/2; e^r by a polynomial, minimax in relative error (3e-9 before rounding).
struct ExpParts {
  Lanes mantissa;
  Lanes exponent;  // n, a whole number
  Lanes shifted;   // n + 1.5 2^23, whose lowest bits are those of n as an integer
};
HWY_INLINE ExpParts split_exp(Lanes x) {
  const Lanes shift = Lanes(12582912.0f), shifted = fma(x, Lanes(1.44269504f), shift);  // rounds to a whole number
  const Lanes n = shifted - shift;
  const Lanes r = fma(n, Lanes(-1.42860677e-6f), fma(n, Lanes(-0.693145752f), x));
  Lanes q = Lanes(0.0013814320554956794f);
  q = fma(q, r, Lanes(0.00836885068565607f));
  q = fma(q, r, Lanes(0.041668400168418884f));
  q = fma(q, r, Lanes(0.1666651964187622f));
  q = fma(q, r, Lanes(0.4999999403953552f));
  return {fma(q, r * r, r) + Lanes(1.0f), n, shifted};
}

HWY_INLINE Lanes power_of_two(hn::Vec<IntTag> n) {
  return hn::BitCast(FloatTag(), hn::ShiftLeft<23>(hn::Add(n, hn::Set(IntTag(), 127))));
}

// The exponential over all of f32: 2^n in two factors, as one could not hold results near overflow or below normal.
HWY_INLINE Lanes exp(Lanes x) {
  const ExpParts parts = split_exp(clamp(x, -104.0f, 89.0f));  // beyond: 0 and infinity
  const auto n = hn::ConvertTo(IntTag(), parts.exponent.v), half = hn::ShiftRight<1>(n);
  return parts.mantissa * power_of_two(half) * power_of_two(hn::Sub(n, half));
}

// The exponential for gates and softmax, where results outside [1e-38, 2e38] may stop there.
HWY_INLINE Lanes bounded_exp(Lanes x) {
  const ExpParts parts = split_exp(clamp(x, -87.0f, 88.0f));
#if HWY_TARGET == HWY_AVX3
  return hn::Vec<FloatTag>{_mm512_scalef_ps(parts.mantissa.v.raw, parts.exponent.v.raw)};
#else
  return parts.mantissa * power_of_two(hn::BitCast(IntTag(), parts.shifted.v));  // of n's bits, eight count
#endif
}

// See tanh_ratio.h.
HWY_INLINE Lanes tanh(Lanes x) {
  using namespace kernels;
  const Lanes z = x * x;
  Lanes p = Lanes(kTanhP[0]), q = Lanes(kTanhQ[0]);
#pragma GCC unroll 4
  for (int i = 1; i < 5; ++i) {
    p = fma(p, z, Lanes(kTanhP[i]));
    q = fma(q, z, Lanes(kTanhQ[i]));
  }
  const Lanes ratio = p * x / q;
  const auto saturated = hn::Gt(z.v, hn::Set(FloatTag(), kTanhMost * kTanhMost));
  return hn::IfThenElse(saturated, hn::CopySign(Lanes(1.0f).v, x.v), ratio.v);
}

// For gates: (1 + tanh(x / 2)) / 2, within 2e-7 of the logistic function; what is less than that of it is lost. Its
// chain is shorter than that of an exponential and a division.
HWY_INLINE Lanes sigmoid(Lanes x) { return fma(Lanes(0.5f), tanh(Lanes(0.5f) * x), Lanes(0.5f)); }
// The logistic function with all its digits.
HWY_INLINE Lanes precise_sigmoid(Lanes x) { return Lanes(1.0f) / (Lanes(1.0f) + bounded_exp(-x)); }

HWY_INLINE Lanes relu(Lanes x) { return at_least(0.0f, x); }
HWY_INLINE Lanes step(Lanes x) { return hn::IfThenElseZero(hn::Gt(x.v, hn::Zero(FloatTag())), Lanes(1.0f).v); }

}  // namespace recur::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
