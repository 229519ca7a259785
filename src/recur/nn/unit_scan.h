// A recurrence of every unit by itself, not linear in its state, over packed sequences as one op.
#pragma once

#include "recur/kernels/unit_scan.h"
#include "recur/nn/packing.h"

namespace recur {

// sums [N, G H] of the gates that kernels/unit_scan.h names, weight [H], initial [B, H] in sorted order. Returns h
// [N, H] and the last state [B, H]. Gradients flow to all three by a kernel; where they are themselves recorded, by the
// composed twin. The bits do not depend on the number of threads.
Tensors unit_scan(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight, const Tensor& initial,
                  const Packing& packing, bool reverse);

// The composed twin: ordinary ops, step by step.
Tensors composed_unit_scan(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight, const Tensor& initial,
                           const Packing& packing, bool reverse);

// One of its steps: sums [rows, G H], before [rows, H] -> h [rows, H].
Tensor unit_scan_step(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight, const Tensor& before);

}  // namespace recur
