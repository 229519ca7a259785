#include "recur/ops/pad.h"

#include "recur/autograd/trace.h"
#include "recur/ops/axis.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

Tensor pad_axis(const Tensor& x, int axis, Padding padding, double value) {
  if (padding.before < 0 || padding.after < 0)
    fail("pad: expected sizes >= 0, got {} and {}", padding.before, padding.after);
  Tensors parts;
  const auto put = [&](int64_t size) {
    if (size > 0) parts.push_back(Tensor::full(x.shape().with(axis, size), value, x.dtype()));
  };
  put(padding.before);
  parts.push_back(x);
  put(padding.after);
  return concat(parts, axis);
}

// x seen as `from`, whose middle axis has size 1 and is repeated; the result has `axis` as many times longer.
Tensor repeated(const char* op, const Tensor& x, int axis, const Shape& from, int64_t count) {
  if (count < 0) fail("{}: expected a count >= 0, got {}", op, count);
  return reshape(broadcast_to(reshape(x, from), from.with(1, count)), x.shape().with(axis, x.size(axis) * count));
}

Attributes pad_attributes(const std::vector<Padding>& axes, double value) {
  std::vector<int64_t> before, after;
  for (const Padding& axis : axes) {
    before.push_back(axis.before);
    after.push_back(axis.after);
  }
  return {{"before", before}, {"after", after}, {"value", value}};
}

}  // namespace

Tensor pad(const Tensor& x, const std::vector<Padding>& axes, double value) {
  if (Trace* trace = tracing())
    return trace->op("pad", {x}, pad_attributes(axes, value), [&] { return pad(x, axes, value); });
  if (static_cast<int>(axes.size()) > x.rank()) fail("pad: {} axes are more than {} has", axes.size(), x.shape().str());
  Tensor y = x;
  for (size_t k = 0; k < axes.size(); ++k)
    y = pad_axis(y, static_cast<int>(k) - static_cast<int>(axes.size()), axes[k], value);
  return y;
}

Tensor tile(const Tensor& x, int axis, int64_t count) {
  if (Trace* trace = tracing())
    return trace->op("tile", {x}, {{"axis", x.shape().normalize(axis)}, {"count", count}},
                     [&] { return tile(x, axis, count); });
  const AroundAxis around(x.shape(), axis);
  return repeated("tile", x, axis, {around.outer, 1, around.n * around.inner}, count);
}

Tensor repeat(const Tensor& x, int axis, int64_t count) {
  if (Trace* trace = tracing())
    return trace->op("repeat", {x}, {{"axis", x.shape().normalize(axis)}, {"count", count}},
                     [&] { return repeat(x, axis, count); });
  const AroundAxis around(x.shape(), axis);
  return repeated("repeat", x, axis, {around.outer * around.n, 1, around.inner}, count);
}

}  // namespace recur
