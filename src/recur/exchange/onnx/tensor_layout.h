// What the axes of a tensor of a graph mean, so that layers read from it are never fed along the wrong one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recur::onnx {

enum class Role : uint8_t {
  kOpen,  // of an input, before a layer has said what it is
  kTime,
  kBatch,
  kDirections,  // forward, then reverse
  kFeatures,
};

// A part of an axis.
struct Factor {
  int id = 0;  // the same in all tensors where it is the same axis; below 0: features, directions
  Role role = Role::kOpen;
  int64_t size = -1;  // -1: open

  bool operator==(const Factor&) const = default;
};

// An axis is a row of factors, the slowest first: [T, B, F] as [T * B, F] has an axis of two. None: an axis of size 1.
using AxisFactors = std::vector<Factor>;

// A size that a shape asks for: a number (-1: what is left), or that of the factors with these ids.
struct TargetSize {
  int64_t number = -1;
  std::vector<int> ids = {};
};

// A value. All functions throw Error for axes that are not there and for what would tear axes apart.
class TensorLayout {
 public:
  static constexpr int kMostAxes = 8;

  TensorLayout() = default;
  explicit TensorLayout(std::vector<AxisFactors> axes) : axes_(std::move(axes)) {}

  int rank() const { return static_cast<int>(axes_.size()); }
  const AxisFactors& operator[](int axis) const { return axes_[static_cast<size_t>(axis)]; }
  bool operator==(const TensorLayout&) const = default;
  std::string str() const;  // "[time, batch, features]"

  int axis_in(int64_t axis, int64_t more = 0) const;  // counted from 0, of rank() + more axes
  bool has(Role role) const;
  int axis_of(Role role) const;  // that holds it alone; -1: none
  bool is_one(int axis) const;   // of size 1 for sure
  int64_t size(int axis) const;  // -1: open

  TensorLayout transposed(const std::vector<int64_t>& order) const;  // {}: all axes the other way round
  TensorLayout squeezed(const std::vector<int64_t>& axes) const;     // {}: all of size 1
  TensorLayout unsqueezed(const std::vector<int64_t>& axes) const;
  TensorLayout reshaped(const std::vector<TargetSize>& sizes) const;  // the factors stay in order
  TensorLayout without(int axis) const;
  TensorLayout with(int axis, AxisFactors factors) const;

  // The same, with this axis known to be time or batch.
  TensorLayout taken(int axis, Role role) const;
  // The same, with this axis known to be all features: of both directions, forward first.
  TensorLayout features_at(int axis) const;

 private:
  std::vector<AxisFactors> axes_;
};

const char* name_of(Role role);

inline Factor features_of(int64_t size) { return {.id = -1, .role = Role::kFeatures, .size = size}; }
inline Factor both_directions() { return {.id = -2, .role = Role::kDirections, .size = 2}; }

}  // namespace recur::onnx
