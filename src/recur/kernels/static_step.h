// One time step of one row through an LSTM or a GRU whose sizes the compiler knows: header only, for StaticStream.
//
// The kernels are compiled for AVX2 and for AVX-512 whatever the user's flags are, and what the library has chosen for
// this CPU (RECUR_TARGET) decides between them. Elsewhere there are none.
#pragma once

#include <cstdint>

#include "recur/kernels/static_layout.h"

namespace recur::kernels {

// weights, as pack_static() has them, and state, static_state_size() floats, are aligned to 64 bytes; x [F]. `turn` is
// to change from step to step: weights that the L1 cache does not hold are read from the other end.
using StaticStepFunction = void (*)(const float* weights, const float* x, float* state, bool turn);

}  // namespace recur::kernels

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define RECUR_STATIC_LANES 8
#include "recur/kernels/static_step-inl.h"
#undef RECUR_STATIC_LANES
#define RECUR_STATIC_LANES 16
#include "recur/kernels/static_step-inl.h"
#undef RECUR_STATIC_LANES
#endif

namespace recur::kernels {

// The step of a cell, or null where there is none for vectors of so many lanes, of which it uses
// static_lanes(lanes, kHidden).
template <int kInput, int kHidden>
StaticStepFunction static_step([[maybe_unused]] StaticCell cell, [[maybe_unused]] int64_t lanes) {
#if defined(__x86_64__) && defined(__GNUC__)
  if (lanes != 8 && lanes != 16) return nullptr;
  if constexpr (static_lanes(16, kHidden) == 16)
    if (lanes == 16) return static16::step_of<kInput, kHidden>(cell);
  return static8::step_of<kInput, kHidden>(cell);
#else
  return nullptr;
#endif
}

}  // namespace recur::kernels
