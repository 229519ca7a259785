// Packed rows laid out by steps of travel: what a layer that works on chunks of steps reads.
#pragma once

#include <vector>

#include "recur/nn/packing.h"

namespace recur {

// Row s B + b of the grid is step s of sequence b, in sorted order and in the direction of travel: going backwards,
// every sequence begins with its last step. The padding lies behind.
class TravelGrid {
 public:
  TravelGrid(const Packing& packing, bool reverse);

  int64_t steps() const { return steps_; }  // of the longest sequence
  int64_t batch() const { return batch_; }
  const std::vector<int64_t>& lengths() const { return lengths_; }  // of each sequence

  Tensor spread(const Tensor& rows) const;  // [N, F] -> [T B, F], zeros in the padding
  Tensor gather(const Tensor& grid) const;  // [T B, F] -> [N, F]
  // 1 in the padding, else 0: [T B, 1]; undefined where there is none.
  Tensor padding(DType dtype) const;

 private:
  int64_t steps_, batch_;
  std::vector<int64_t> lengths_;
  bool padded_ = false;
  Tensor index_;    // i32 [T B]: the packed row, or N
  Tensor inverse_;  // i32 [N]
};

}  // namespace recur
