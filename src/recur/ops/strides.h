// Walking over broadcast operands row by row.
#pragma once

#include <array>
#include <utility>

#include "recur/kernels/kernels.h"
#include "recur/tensor/shape.h"

namespace recur {

// Two operands stretched to one shape, with axes merged where both run through memory evenly: an inner row that a
// kernel takes at once, and outer axes with the operands' strides (0 where an operand is repeated).
struct BroadcastPlan {
  BroadcastPlan(const Shape& a, const Shape& b, const Shape& out);

  int64_t row = 1;  // elements of the inner row
  kernels::Stretch stretch = kernels::Stretch::kNone;

  // How many inner rows there are.
  int64_t rows() const;
  // Calls f(offset_a, offset_b, offset_out) for the inner rows begin .. end - 1, or for all.
  template <class F>
  void for_each_row(int64_t begin, int64_t end, F&& f) const;
  template <class F>
  void for_each_row(F&& f) const {
    for_each_row(0, rows(), std::forward<F>(f));
  }

 private:
  int axes_ = 0;  // outer axes, outermost first
  std::array<int64_t, Shape::kMaxRank> size_{}, stride_a_{}, stride_b_{};
};

inline int64_t BroadcastPlan::rows() const {
  int64_t count = 1;
  for (int axis = 0; axis < axes_; ++axis) count *= size_[axis];
  return count;
}

template <class F>
void BroadcastPlan::for_each_row(int64_t begin, int64_t end, F&& f) const {
  std::array<int64_t, Shape::kMaxRank> index{};
  int64_t a = 0, b = 0, rest = begin;
  for (int axis = axes_ - 1; axis >= 0; --axis) {
    index[axis] = rest % size_[axis];
    rest /= size_[axis];
    a += index[axis] * stride_a_[axis];
    b += index[axis] * stride_b_[axis];
  }
  for (int64_t number = begin; number < end; ++number) {
    f(a, b, number * row);
    for (int axis = axes_ - 1; axis >= 0; --axis) {
      a += stride_a_[axis];
      b += stride_b_[axis];
      if (++index[axis] < size_[axis]) break;
      a -= stride_a_[axis] * size_[axis];
      b -= stride_b_[axis] * size_[axis];
      index[axis] = 0;
    }
  }
}

}  // namespace recur
