// Packed sequences: sorted by length, longest first, without the padding. Step t is rows[t] consecutive rows, and no
// work is done on padding.
#pragma once

#include <vector>

#include "recur/kernels/recurrent.h"
#include "recur/tensor/tensor.h"

namespace recur {

class Packing {
 public:
  // Of `batch` sequences over `steps` time steps; lengths in 0 .. steps, one for each, or empty: all full.
  Packing(int64_t steps, int64_t batch, const std::vector<int64_t>& lengths);

  int64_t steps() const { return static_cast<int64_t>(rows_.size()); }  // of the longest sequence
  int64_t batch() const { return batch_; }
  int64_t packed_rows() const { return packed_rows_; }  // N
  int64_t rows(int64_t t) const { return rows_[t]; }
  int64_t offset(int64_t t) const { return offset_[t]; }
  // The last step of row r in the direction of travel is its packed row last(r); -1 for an empty sequence.
  int64_t last(int64_t row, bool reverse) const;

  Tensor pack(const Tensor& x) const;         // [T, B, F] -> [N, F]
  Tensor unpack(const Tensor& packed) const;  // [N, F] -> [T, B, F], zeros in the padding
  Tensor sort(const Tensor& state) const;     // rows of [B, ...] from the batch's order to the packed one
  Tensor unsort(const Tensor& state) const;

  // The rows of y [N, F] at the last step of each sequence that is not empty, in the direction of travel and the packed
  // order: [sequences(), F]. And such rows in the batch's order, zeros for empty sequences: [B, F].
  int64_t sequences() const { return rows_.empty() ? 0 : rows_[0]; }
  Tensor last_rows(const Tensor& y, bool reverse) const;
  Tensor unsort_rows(const Tensor& last) const;

  // Of the states after every step [N, W] and those before the first [B, W], in the direction of travel: the states
  // after the last step of each row [B, W], and those before the step of each packed row [N, W]. No gradients.
  Tensor last_states(const Tensor& history, const Tensor& initial, bool reverse) const;
  Tensor previous_states(const Tensor& history, const Tensor& initial, bool reverse) const;

  // Steps begin .. end - 1 of this packing, on their own.
  Packing segment(int64_t begin, int64_t end) const;

  kernels::PackedSteps view(bool reverse) const;

 private:
  Packing() = default;

  int64_t full_steps_ = 0;  // T, padding included
  int64_t batch_ = 0;
  int64_t packed_rows_ = 0;
  std::vector<int64_t> rows_, offset_;
  std::vector<int64_t> sorted_lengths_;
  Tensor index_;            // [N] row of [T B] of each packed row; undefined: the same
  Tensor order_, inverse_;  // [B] batch row of each sorted row, and back; undefined: the same
};

}  // namespace recur
