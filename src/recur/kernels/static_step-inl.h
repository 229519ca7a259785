// The kernels of static_step.h for vectors of RECUR_STATIC_LANES lanes, in a namespace of their own; that header
// includes this one once for each (no #pragma once).

#include "recur/kernels/static_layout.h"
#include "recur/kernels/tanh_ratio.h"

#if RECUR_STATIC_LANES == 16
#define RECUR_STATIC_NAMESPACE static16
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f")
#endif
#else
#define RECUR_STATIC_NAMESPACE static8
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
#endif
#define RECUR_STATIC_INLINE inline __attribute__((always_inline))

namespace recur::kernels::RECUR_STATIC_NAMESPACE {

// --- vectors ------------------------------------------------------------------------------------------------------

inline constexpr int kLanes = RECUR_STATIC_LANES;

#if RECUR_STATIC_LANES == 16
using Vector = __m512;
RECUR_STATIC_INLINE Vector all(float x) { return _mm512_set1_ps(x); }
RECUR_STATIC_INLINE Vector load(const float* from) { return _mm512_load_ps(from); }
RECUR_STATIC_INLINE void store(Vector v, float* to) { _mm512_store_ps(to, v); }
RECUR_STATIC_INLINE Vector fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
// y, but sign(x) where z > most.
RECUR_STATIC_INLINE Vector saturate(Vector y, Vector x, Vector z, Vector most) {
  const __m512i sign = _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(INT32_MIN));
  const Vector one = _mm512_castsi512_ps(_mm512_or_si512(sign, _mm512_castps_si512(all(1.0f))));
  return _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(z, most, _CMP_GT_OQ), one);
}
#else
using Vector = __m256;
RECUR_STATIC_INLINE Vector all(float x) { return _mm256_set1_ps(x); }
RECUR_STATIC_INLINE Vector load(const float* from) { return _mm256_load_ps(from); }
RECUR_STATIC_INLINE void store(Vector v, float* to) { _mm256_store_ps(to, v); }
RECUR_STATIC_INLINE Vector fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
RECUR_STATIC_INLINE Vector saturate(Vector y, Vector x, Vector z, Vector most) {
  const Vector one = _mm256_or_ps(_mm256_and_ps(x, all(-0.0f)), all(1.0f));
  return _mm256_blendv_ps(y, one, _mm256_cmp_ps(z, most, _CMP_GT_OQ));
}
#endif

// In z, and its square, which make a shorter chain than one power after the other (Estrin's scheme).
RECUR_STATIC_INLINE Vector polynomial(const float (&c)[5], Vector z, Vector z2) {
  const Vector high = fma(all(c[0]), z2, fma(all(c[1]), z, all(c[2])));
  return fma(high, z2, fma(all(c[3]), z, all(c[4])));
}
RECUR_STATIC_INLINE Vector tanh(Vector x) {
  const Vector z = x * x, z2 = z * z;
  const Vector p = polynomial(kTanhP, z, z2), q = polynomial(kTanhQ, z, z2);
  return saturate(p * x / q, x, z, all(kTanhMost * kTanhMost));
}
// sigmoid(2 s); see static_layout.h.
RECUR_STATIC_INLINE Vector sigmoid_of_half(Vector s) { return fma(all(0.5f), tanh(s), all(0.5f)); }

// --- cells --------------------------------------------------------------------------------------------------------

// What a step knows of its state. `late`: r h of the GRU that resets before the product.
struct StatePointers {
  const float* before;
  float* after;
  float* c;
  float* late;
};

template <StaticCell kCell, int kPhase>
struct Finish;

// sums: i, f, g, o.
template <>
struct Finish<StaticCell::kLstm, 0> {
  static RECUR_STATIC_INLINE void units(const Vector* s, int stride, const StatePointers& state, int at) {
    const Vector i = sigmoid_of_half(s[0]), g = tanh(s[2 * stride]), f = sigmoid_of_half(s[stride]);
    const Vector c = fma(f, load(state.c + at), i * g), squashed = tanh(c);
    const Vector o = sigmoid_of_half(s[3 * stride]);  // last: what c needs stays in registers
    store(c, state.c + at);
    store(o * squashed, state.after + at);
  }
};

// n of x and of h apart.
template <>
struct Finish<StaticCell::kGru, 0> {
  static RECUR_STATIC_INLINE void units(const Vector* s, int stride, const StatePointers& state, int at) {
    const Vector r = sigmoid_of_half(s[0]), n = tanh(fma(r, s[3 * stride], s[2 * stride]));
    const Vector z = sigmoid_of_half(s[stride]);  // last: r stays in a register until n needs it
    store(fma(z, load(state.before + at) - n, n), state.after + at);
  }
};

template <>
struct Finish<StaticCell::kGruResetBefore, 0> {
  static RECUR_STATIC_INLINE void units(const Vector* s, int, const StatePointers& state, int at) {
    store(sigmoid_of_half(s[0]) * load(state.before + at), state.late + at);
  }
};
// z, n. The product of z is that of h itself: see Phase.
template <>
struct Finish<StaticCell::kGruResetBefore, 1> {
  static RECUR_STATIC_INLINE void units(const Vector* s, int stride, const StatePointers& state, int at) {
    const Vector z = sigmoid_of_half(s[0]), n = tanh(s[stride]);
    store(fma(z, load(state.before + at) - n, n), state.after + at);
  }
};

// --- products -----------------------------------------------------------------------------------------------------

// How many sums each output is split into (over k), so that the pipeline is filled.
constexpr int chains_for(int sums) { return sums >= 8 ? 1 : sums >= 3 ? 2 : sums == 2 ? 4 : 8; }

template <StaticCell kCell, int kPhase, int kInput, int kHidden>
struct Phase {
  static constexpr StaticPanels kPanels{kCell, kPhase, kLanes, kInput, kHidden};
  static constexpr int kGates = kPanels.phase.gates, kSums = kPanels.phase.sums;
  static constexpr bool kLate = kCell == StaticCell::kGruResetBefore && kPhase == 1;

  // Inputs k .. k + kCount - 1: the weights begin at `weights`, the chains take turns from the first.
  template <int kCount, bool kOfH, int kWidth, int kChains>
  static RECUR_STATIC_INLINE void add(const float* values, const float* late, const float* weights,
                                      Vector (&chains)[kChains][kSums * kWidth]) {
#pragma GCC unroll 8
    for (int k = 0; k < kCount; ++k) {
      const Vector value = all(values[k]);
      const Vector late_value = kLate && kOfH ? all(late[k]) : value;
#pragma GCC unroll 4
      for (int g = 0; g < kGates; ++g) {
        const bool last = g == kGates - 1;
        const int sum = kOfH && last ? kSums - 1 : g;
#pragma GCC unroll 12
        for (int w = 0; w < kWidth; ++w) {
          Vector& to = chains[k % kChains][sum * kWidth + w];
          to = fma(last ? late_value : value, load(weights + ((k * kGates + g) * kWidth + w) * kLanes), to);
        }
      }
    }
  }

  template <int kInputs, bool kOfH, int kWidth, int kChains>
  static RECUR_STATIC_INLINE void multiply(const float* values, const float* late, const float* weights,
                                           Vector (&chains)[kChains][kSums * kWidth]) {
    constexpr int kRound = kChains > 4 ? kChains : 4, kWhole = kInputs / kRound * kRound;
#pragma GCC unroll 1
    for (int k = 0; k < kWhole; k += kRound)
      add<kRound, kOfH, kWidth>(values + k, late + k, weights + k * kGates * kWidth * kLanes, chains);
    add<kInputs - kWhole, kOfH, kWidth>(values + kWhole, late + kWhole, weights + kWhole * kGates * kWidth * kLanes,
                                        chains);
  }

  template <int kWidth>
  static RECUR_STATIC_INLINE void panel(const float* weights, const float* x, const StatePointers& state, int at) {
    constexpr int kVectors = kSums * kWidth, kChains = chains_for(kVectors);
    Vector chains[kChains][kVectors];
#pragma GCC unroll 12
    for (int j = 0; j < kVectors; ++j) {
      chains[0][j] = load(weights + j * kLanes);
#pragma GCC unroll 8
      for (int c = 1; c < kChains; ++c) chains[c][j] = all(0.0f);
    }
    weights += kVectors * kLanes;
    multiply<kInput, false, kWidth>(x, x, weights, chains);
    multiply<kHidden, true, kWidth>(state.before, state.late, weights + kInput * kGates * kWidth * kLanes, chains);
#pragma GCC unroll 12
    for (int j = 0; j < kVectors; ++j)
#pragma GCC unroll 8
      for (int c = 1; c < kChains; ++c) chains[0][j] = chains[0][j] + chains[c][j];
#pragma GCC unroll 12
    for (int w = 0; w < kWidth; ++w) Finish<kCell, kPhase>::units(chains[0] + w, kWidth, state, at + w * kLanes);
  }

  // Panels that the L1 cache does not hold: every second step goes from the last to the first, and finds what the step
  // before it has read last.
  static RECUR_STATIC_INLINE void run(const float* weights, const float* x, const StatePointers& state, bool turn) {
    constexpr bool kTurns = kPanels.size() * static_cast<int64_t>(sizeof(float)) > 28 * 1024;
#pragma GCC unroll 1
    for (int i = 0; i < kPanels.count; ++i) {
      const int p = kTurns && turn ? kPanels.count - 1 - i : i;
      const float* from = weights + kPanels.size(p);
      const int at = kPanels.first_vector(p) * kLanes;
      if (kPanels.wide == 0 || p >= kPanels.wide)
        panel<kPanels.narrow>(from, x, state, at);
      else
        panel<kPanels.narrow + 1>(from, x, state, at);
    }
  }
};

template <StaticCell kCell, int kInput, int kHidden>
void step(const float* weights, const float* x, float* state, bool turn) {
  constexpr int64_t kPart = static_state_part(kHidden);
  constexpr int kLast = static_phases(kCell) - 1;
  using Last = Phase<kCell, kLast, kInput, kHidden>;
  // One panel has read all of h before it writes any: in place, the next step waits less.
  constexpr bool kInPlace = Last::kPanels.count == 1;
  alignas(64) [[maybe_unused]] float late[kLast > 0 ? kPart : 1], next[kInPlace ? 1 : kPart];
  const StatePointers at{state, kInPlace ? state : next, state + kPart, late};
  if constexpr (kLast > 0) {
    using First = Phase<kCell, 0, kInput, kHidden>;
    First::run(weights, x, at, turn);
    weights += First::kPanels.size();
  }
  Last::run(weights, x, at, turn);
  if constexpr (!kInPlace) {
#pragma GCC unroll 8
    for (int i = 0; i < kHidden; i += kLanes) store(load(next + i), state + i);
  }
}

template <int kInput, int kHidden>
StaticStepFunction step_of(StaticCell cell) {
  if (cell == StaticCell::kLstm) return step<StaticCell::kLstm, kInput, kHidden>;
  if (cell == StaticCell::kGru) return step<StaticCell::kGru, kInput, kHidden>;
  return step<StaticCell::kGruResetBefore, kInput, kHidden>;
}

}  // namespace recur::kernels::RECUR_STATIC_NAMESPACE

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#undef RECUR_STATIC_NAMESPACE
#undef RECUR_STATIC_INLINE
