// A linear recurrence over packed sequences as one op: the scan that recurrent layers without a product between their
// steps are made of.
#pragma once

#include "recur/kernels/linear_scan.h"
#include "recur/nn/packing.h"

namespace recur {

struct LinearScanOptions {
  bool reverse = false;
  // Complex numbers: of W = 2 H columns the first H are real parts, the others imaginary ones.
  bool is_complex = false;
};

// h_t = a_t h_{t-1} + b_t, column by column. a [N, W], or [W] where it is the same at all steps; b [N, W]; initial
// [B, W] in sorted order. Returns h [N, W] and the last state [B, W]. Gradients flow to all three, by one scan the
// other way; where they are themselves recorded, by the composed twin. The bits do not depend on the number of threads.
Tensors linear_scan(const Tensor& a, const Tensor& b, const Tensor& initial, const Packing& packing,
                    const LinearScanOptions& options = {});

// The scan of minGRU or minLSTM, from the sums of their gates [N, G H] (kernels/linear_scan.h): a and b are never
// written. Otherwise as linear_scan(), of which its composed twin is made.
Tensors gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial, const Packing& packing,
                   bool reverse);

// The a and b of those gates, by ordinary ops: sums [..., G H] -> two of [..., H].
Tensors scan_coefficients(kernels::ScanGates gates, const Tensor& sums);

// The composed twin: ordinary ops, step by step.
Tensors composed_linear_scan(const Tensor& a, const Tensor& b, const Tensor& initial, const Packing& packing,
                             const LinearScanOptions& options = {});

// One of its steps: a h + b, a of any shape that fits.
Tensor linear_scan_step(const Tensor& a, const Tensor& b, const Tensor& h, bool is_complex);

}  // namespace recur
