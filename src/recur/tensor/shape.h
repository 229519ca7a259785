// The sizes of a tensor's axes, outermost first.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

#include "recur/base/error.h"

namespace recur {

// At most kMaxRank axes, each of size >= 0; a value without allocation.
class Shape {
 public:
  static constexpr int kMaxRank = 6;

  Shape() = default;  // of a scalar
  Shape(std::initializer_list<int64_t> sizes) : Shape(std::span(sizes.begin(), sizes.size())) {}
  explicit Shape(std::span<const int64_t> sizes);

  int rank() const { return rank_; }
  int64_t numel() const;
  // `axis` may be negative, counting from the end; throws when out of range.
  int64_t operator[](int axis) const { return sizes_[normalize(axis)]; }
  int64_t& operator[](int axis) { return sizes_[normalize(axis)]; }
  const int64_t* begin() const { return sizes_.data(); }
  const int64_t* end() const { return sizes_.data() + rank_; }

  // The axis counted from the front, checked.
  int normalize(int axis) const;
  // With an axis of `size` inserted before `axis` (0 .. rank).
  Shape inserted(int axis, int64_t size) const;
  Shape erased(int axis) const;
  // With the size of one axis replaced.
  Shape with(int axis, int64_t size) const;
  // The number of elements in one step along `axis`.
  int64_t stride(int axis) const;

  std::string str() const;  // "[35, 20, 200]"
  bool operator==(const Shape& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

 private:
  std::array<int64_t, kMaxRank> sizes_{};
  int rank_ = 0;
};

// The shape that a and b broadcast to: aligned at the right, axes of size 1 repeated; throws naming `op`.
Shape broadcast(const char* op, const Shape& a, const Shape& b);

}  // namespace recur
