// What a layer does along time, apart from how its steps lie: over all packed rows at once, or in one step. A layer
// that is written against this once has its run, its composed twin and its traced step.
#pragma once

#include "recur/kernels/linear_scan.h"
#include "recur/kernels/unit_scan.h"
#include "recur/nn/packing.h"
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
  // The packing of the rows, where they are those of whole sequences; null: rows are the B of one step.
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
  const Packing* packing() const override { return &packing_; }

 private:
  const Packing& packing_;
  bool reverse_;
};

// One step of all rows, in ordinary ops.
class StepTime : public LayerTime {
 public:
  using LayerTime::scan;
  TimeResult scan(const Tensor& a, const Tensor& b, const Tensor& initial, bool is_complex) const override;
  TimeResult gated_scan(kernels::ScanGates gates, const Tensor& sums, const Tensor& initial) const override;
  TimeResult unit_scan(kernels::UnitLoop loop, const Tensor& sums, const Tensor& weight,
                       const Tensor& initial) const override;
  TimeResult previous(const Tensor& x, const Tensor& initial) const override { return {initial, x}; }
};

}  // namespace recur
