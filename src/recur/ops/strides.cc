#include "recur/ops/strides.h"

namespace recur {
namespace {

// The stride of each axis of `out` in an operand of shape `x`; 0 where the operand is repeated.
std::array<int64_t, Shape::kMaxRank> strides_of(const Shape& x, const Shape& out) {
  std::array<int64_t, Shape::kMaxRank> strides{};
  for (int k = 1; k <= x.rank(); ++k)
    if (x[-k] != 1) strides[out.rank() - k] = x.stride(-k);
  return strides;
}

}  // namespace

BroadcastPlan::BroadcastPlan(const Shape& a, const Shape& b, const Shape& out) {
  const auto strides_a = strides_of(a, out), strides_b = strides_of(b, out);
  // From the innermost axis outwards; an axis joins the one inside it when both operands' strides continue evenly.
  std::array<int64_t, Shape::kMaxRank> size{}, sa{}, sb{};
  int groups = 0;
  for (int axis = out.rank() - 1; axis >= 0; --axis) {
    if (out[axis] == 1) continue;
    const bool joins = groups > 0 && strides_a[axis] == sa[groups - 1] * size[groups - 1] &&
                       strides_b[axis] == sb[groups - 1] * size[groups - 1];
    if (joins) {
      size[groups - 1] *= out[axis];
      continue;
    }
    size[groups] = out[axis];
    sa[groups] = strides_a[axis];
    sb[groups] = strides_b[axis];
    ++groups;
  }
  int first_outer = 0;
  if (groups > 0 && sa[0] <= 1 && sb[0] <= 1 && sa[0] + sb[0] >= 1) {
    row = size[0];
    stretch = sa[0] == 0 ? kernels::Stretch::kLeft : sb[0] == 0 ? kernels::Stretch::kRight : kernels::Stretch::kNone;
    first_outer = 1;
  }
  for (int group = groups - 1; group >= first_outer; --group) {
    size_[axes_] = size[group];
    stride_a_[axes_] = sa[group];
    stride_b_[axes_] = sb[group];
    ++axes_;
  }
}

}  // namespace recur
