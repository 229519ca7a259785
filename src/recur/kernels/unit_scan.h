// Recurrences of every unit by itself that are not linear in the state, over packed sequences: what is left of IndRNN
// and SRU when the products of all steps are one.
#pragma once

#include <cstdint>

#include "recur/kernels/recurrent.h"

namespace recur::kernels {

// With u the weight of a unit, and the sums of its G gates:
//   kIndRnn  x:     h_t = relu(x_t + u h_{t-1})  (Li et al. 2018, arXiv 1803.04831)
//   kSru     z, f:  s_t = sigmoid(f_t + u h_{t-1}), h_t = s_t h_{t-1} + (1 - s_t) z_t  (Lei et al. 2018, arXiv
//                   1709.02755, whose c this h is)
enum class UnitLoop { kIndRnn, kSru };
constexpr int gates_of(UnitLoop loop) { return loop == UnitLoop::kIndRnn ? 1 : 2; }

template <class T>
struct UnitScan {
  PackedSteps packed;
  int64_t units = 0;          // H
  const T* sums = nullptr;    // [N, G H]
  const T* weight = nullptr;  // [H]
  T* state = nullptr;         // [B, H] h before the first step and, in place, after the last
  T* h = nullptr;             // [N, H] out: h after each step
};

template <class T>
struct UnitScanGrad {
  PackedSteps packed;
  int64_t units = 0;
  const T* sums = nullptr;
  const T* weight = nullptr;
  const T* h = nullptr;        // [N, H] as the scan gave it
  const T* initial = nullptr;  // [B, H] before the first step
  const T* dh = nullptr;       // [N, H]
  T* dstate = nullptr;         // [B, H] in: of the last state; out: of the initial one
  T* dsums = nullptr;          // [N, G H] out
  T* dweight = nullptr;        // [H], which is added to
};

// Units unit_begin .. unit_end - 1 of all rows are computed; any split of the units gives the same bits.
template <class T>
struct UnitScanKernels {
  void (*forward)(const UnitScan<T>& args, int64_t unit_begin, int64_t unit_end) = nullptr;
  void (*backward)(const UnitScanGrad<T>& args, int64_t unit_begin, int64_t unit_end) = nullptr;
};

// For T = float or double: the fastest that the CPU supports, or the reference where that is forced.
template <class T>
const UnitScanKernels<T>& unit_scan_kernels(UnitLoop loop);
// The scalar reference, always there.
template <class T>
const UnitScanKernels<T>& reference_unit_scan_kernels(UnitLoop loop);

}  // namespace recur::kernels
