// Walking over broadcast operands row by row.
#pragma once

#include <array>

#include "recur/kernels/kernels.h"
#include "recur/tensor/shape.h"

namespace recur {

// Two operands stretched to one shape, with axes merged where both run through memory evenly: an inner row that a
// kernel takes at once, and outer axes with the operands' strides (0 where an operand is repeated).
struct BroadcastPlan {
  BroadcastPlan(const Shape& a, const Shape& b, const Shape& out);

  int64_t row = 1;  // elements of the inner row
  kernels::Stretch stretch = kernels::Stretch::kNone;

  // Calls f(offset_a, offset_b, offset_out) for every inner row.
  template <class F>
  void for_each_row(F&& f) const;

 private:
  int axes_ = 0;  // outer axes, outermost first
  std::array<int64_t, Shape::kMaxRank> size_{}, stride_a_{}, stride_b_{};
};

template <class F>
void BroadcastPlan::for_each_row(F&& f) const {
  std::array<int64_t, Shape::kMaxRank> index{};
  int64_t a = 0, b = 0, out = 0;
  while (true) {
    f(a, b, out);
    out += row;
    int axis = axes_ - 1;
    for (; axis >= 0; --axis) {
      a += stride_a_[axis];
      b += stride_b_[axis];
      if (++index[axis] < size_[axis]) break;
      a -= stride_a_[axis] * size_[axis];
      b -= stride_b_[axis] * size_[axis];
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

}  // namespace recur
