// What a layer does along time, apart from how its steps lie: packed, padded, or one alone. A layer that is written
// against this once has its run, its composed twin and its trace.
#pragma once

#include "recur/kernels/linear_scan.h"
#include "recur/kernels/unit_scan.h"
#include "recur/nn/causal_conv.h"
#include "recur/nn/packing.h"
#include "recur/ops/scan.h"
#include "recur/tensor/tensor.h"

namespace recur {

// A result for each row, and the state after the last step of each sequence.
struct TimeResult {
  Tensor rows, last;
};

class LayerTime {
 public:
  virtual ~LayerTime() = default;

  // h_t = a_t h_{t-1} + b_t as linear_scan() has it: a [rows, W] or [W], b [rows, W], initial [B, W].
  virtual TimeResult scan(const Tensor& a, const Tensor& b, const Tensor& initial, bool is_complex) const = 0;
  // The same with a and b made of the sums of gates [rows, G H], as gated_scan() has it.
  virtual TimeResult gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial) const = 0;
  // A recurrence that is not linear, as unit_scan() has it: sums [rows, G H], weight [H].
  virtual TimeResult unit_scan(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight,
                               const Tensor& initial) const = 0;
  // The row of the step before, in the direction of travel, `initial` [B, F] before the first.
  virtual TimeResult previous(const Tensor& x, const Tensor& initial) const = 0;
  // A depthwise convolution over the present and the K - 1 steps before, as causal_conv() has it.
  virtual CausalConvResult convolve(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                    const Tensors& before) const = 0;
  // Step after step: of what lies in rows [rows, ...] and of states [B, ...] (ops/scan.h).
  virtual ScanResult loop(const Tensors& x, const Tensors& states, const ScanStep& step) const = 0;
  // The packing of the rows where kernels may run over all steps; null: what has no other form goes through loop().
  virtual const Packing* packing() const { return nullptr; }

  TimeResult scan(const Tensor& a, const Tensor& b, const Tensor& initial) const { return scan(a, b, initial, false); }
};

// All steps, by kernels.
class PackedTime : public LayerTime {
 public:
  PackedTime(const Packing& packing, bool reverse) : packing_(packing), reverse_(reverse) {}

  using LayerTime::scan;
  TimeResult scan(const Tensor& a, const Tensor& b, const Tensor& initial, bool is_complex) const override;
  TimeResult gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial) const override;
  TimeResult unit_scan(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight,
                       const Tensor& initial) const override;
  TimeResult previous(const Tensor& x, const Tensor& initial) const override;
  CausalConvResult convolve(const Tensor& x, const Tensor& weight, const Tensor& bias,
                            const Tensors& before) const override;
  ScanResult loop(const Tensors& x, const Tensors& states, const ScanStep& step) const override;
  const Packing* packing() const override { return &packing_; }

 private:
  const Packing& packing_;
  bool reverse_;
};

// In ordinary ops, step after step.
class ComposedTime : public LayerTime {
 public:
  using LayerTime::scan;
  TimeResult scan(const Tensor& a, const Tensor& b, const Tensor& initial, bool is_complex) const override;
  TimeResult gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial) const override;
  TimeResult unit_scan(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight,
                       const Tensor& initial) const override;
  TimeResult previous(const Tensor& x, const Tensor& initial) const override;
  CausalConvResult convolve(const Tensor& x, const Tensor& weight, const Tensor& bias,
                            const Tensors& before) const override;
};

// One step: its rows are the B of the batch.
class StepTime : public ComposedTime {
 public:
  ScanResult loop(const Tensors& x, const Tensors& states, const ScanStep& step) const override;
};

// T steps of B padded sequences, [T B, ...]: in a trace, each loop is a scan. What it gives is zeros in the padding.
class PaddedTime : public ComposedTime {
 public:
  PaddedTime(int64_t steps, int64_t batch, ScanOptions options)
      : steps_(steps), batch_(batch), options_(std::move(options)) {}

  ScanResult loop(const Tensors& x, const Tensors& states, const ScanStep& step) const override;

 private:
  int64_t steps_, batch_;
  ScanOptions options_;
};

}  // namespace recur
