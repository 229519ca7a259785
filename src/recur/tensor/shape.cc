#include "recur/tensor/shape.h"

#include <fmt/format.h>

#include <limits>

namespace recur {

Shape::Shape(std::span<const int64_t> sizes) : rank_(static_cast<int>(sizes.size())) {
  if (sizes.size() > kMaxRank) fail("shape: at most {} axes, got {}", kMaxRank, sizes.size());
  std::copy(sizes.begin(), sizes.end(), sizes_.begin());
  int64_t product = 1;
  for (const int64_t size : sizes) {
    if (size < 0) fail("shape: negative size in {}", str());
    if (size > 0 && product > std::numeric_limits<int64_t>::max() / 16 / size) fail("shape: {} is too large", str());
    product *= std::max<int64_t>(size, 1);
  }
}

int64_t Shape::numel() const {
  int64_t product = 1;
  for (const int64_t size : *this) product *= size;
  return product;
}

int Shape::normalize(int axis) const {
  const int from_front = axis < 0 ? axis + rank_ : axis;
  if (from_front < 0 || from_front >= rank_) fail("axis {} is out of range for shape {}", axis, str());
  return from_front;
}

Shape Shape::inserted(int axis, int64_t size) const {
  if (axis < 0 || axis > rank_ || rank_ == kMaxRank) fail("cannot insert axis {} into shape {}", axis, str());
  Shape result = *this;
  ++result.rank_;
  std::copy_backward(sizes_.begin() + axis, sizes_.begin() + rank_, result.sizes_.begin() + result.rank_);
  result.sizes_[axis] = size;
  return result;
}

Shape Shape::erased(int axis) const {
  axis = normalize(axis);
  Shape result = *this;
  std::copy(sizes_.begin() + axis + 1, sizes_.begin() + rank_, result.sizes_.begin() + axis);
  --result.rank_;
  return result;
}

Shape Shape::with(int axis, int64_t size) const {
  Shape result = *this;
  result[axis] = size;
  return result;
}

int64_t Shape::stride(int axis) const {
  int64_t product = 1;
  for (int k = normalize(axis) + 1; k < rank_; ++k) product *= sizes_[k];
  return product;
}

std::string Shape::str() const { return fmt::format("[{}]", fmt::join(begin(), end(), ", ")); }

Shape broadcast(const char* op, const Shape& a, const Shape& b) {
  Shape result = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  for (int axis = 1; axis <= shorter.rank(); ++axis) {
    const int64_t x = result[-axis], y = shorter[-axis];
    if (x != y && x != 1 && y != 1) fail("{}: shapes {} and {} do not broadcast", op, a.str(), b.str());
    if (x == 1) result[-axis] = y;
  }
  return result;
}

}  // namespace recur
