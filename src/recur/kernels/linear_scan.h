// The linear recurrence h_t = a_t h_{t-1} + b_t of every unit by itself, over packed sequences: what recurrent layers
// without a product between their steps come down to.
#pragma once

#include <cstdint>

#include "recur/kernels/recurrent.h"

namespace recur::kernels {

// N packed rows of W columns: the H units, or, of complex numbers, the H real parts and then the H imaginary ones.
template <class T>
struct LinearScan {
  PackedSteps packed;
  int64_t units = 0;         // H
  bool is_complex = false;   // W = 2 H; else W = H
  bool is_constant = false;  // a [W] is the same at all steps of all rows; else a [N, W]
  const T* a = nullptr;
  const T* b = nullptr;  // [N, W]
  T* state = nullptr;    // [B, W] h before the first step and, in place, after the last
  T* h = nullptr;        // [N, W] out: h after each step

  int64_t width() const { return is_complex ? 2 * units : units; }
};

// dh [N, W] and dstate are the gradients of h and of the last state. With e_t = dh_t + conj(a_{t+1}) e_{t+1}:
//   db_t = e_t,  da_t = e_t conj(h_{t-1}),  and of the initial state conj(a_1) e_1.
template <class T>
struct LinearScanGrad {
  PackedSteps packed;
  int64_t units = 0;
  bool is_complex = false, is_constant = false;
  const T* a = nullptr;
  const T* h = nullptr;        // [N, W] as the scan gave it
  const T* initial = nullptr;  // [B, W] before the first step
  const T* dh = nullptr;       // [N, W]
  T* dstate = nullptr;         // [B, W] in: of the last state; out: of the initial one
  T* da = nullptr;             // [N, W]; of a constant a [B, W], each row's sum over time, which is added to
  T* db = nullptr;             // [N, W]

  int64_t width() const { return is_complex ? 2 * units : units; }
};

// Units unit_begin .. unit_end - 1 of all rows are computed; any split of the units gives the same bits.
template <class T>
struct LinearScanKernels {
  void (*forward)(const LinearScan<T>& args, int64_t unit_begin, int64_t unit_end) = nullptr;
  void (*backward)(const LinearScanGrad<T>& args, int64_t unit_begin, int64_t unit_end) = nullptr;
};

// The same with a_t and b_t made on the way from the sums of a layer's gates, [N, G H], so that they are never written:
//   kMinGru   sums z, c:     a = 1 - sigmoid(z),                        b = sigmoid(z) g(c)
//   kMinLstm  sums f, i, c:  a = sigmoid(f) / (sigmoid(f) + sigmoid(i)), b = (1 - a) g(c)
// with g(x) = x + 0.5 for x >= 0 and sigmoid(x) below (Feng et al. 2024, arXiv 2410.01201).
enum class ScanGates { kMinGru, kMinLstm };
constexpr int gates_of(ScanGates gates) { return gates == ScanGates::kMinGru ? 2 : 3; }

template <class T>
struct GatedScan {
  PackedSteps packed;
  int64_t units = 0;        // H
  const T* sums = nullptr;  // [N, G H]
  T* state = nullptr;       // [B, H] h before the first step and, in place, after the last
  T* h = nullptr;           // [N, H] out: h after each step
};

template <class T>
struct GatedScanGrad {
  PackedSteps packed;
  int64_t units = 0;
  const T* sums = nullptr;
  const T* h = nullptr;        // [N, H] as the scan gave it
  const T* initial = nullptr;  // [B, H] before the first step
  const T* dh = nullptr;       // [N, H]
  T* dstate = nullptr;         // [B, H] in: of the last state; out: of the initial one
  T* dsums = nullptr;          // [N, G H] out
};

template <class T>
struct GatedScanKernels {
  void (*forward)(const GatedScan<T>& args, int64_t unit_begin, int64_t unit_end) = nullptr;
  void (*backward)(const GatedScanGrad<T>& args, int64_t unit_begin, int64_t unit_end) = nullptr;
};

template <class T>
const GatedScanKernels<T>& gated_scan_kernels(ScanGates gates);
template <class T>
const GatedScanKernels<T>& reference_gated_scan_kernels(ScanGates gates);

// For T = float or double: the fastest that the CPU supports, or the reference where that is forced.
template <class T>
const LinearScanKernels<T>& linear_scan_kernels();

// The scalar reference, always there.
template <class T>
const LinearScanKernels<T>& reference_linear_scan_kernels();

}  // namespace recur::kernels
