#include "recur/ops/slice.h"

#include <cstring>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

// Copies between `part`, which has `size` positions along an axis, and the positions from `begin` on of `whole`.
struct AxisRange {
  AxisRange(const Shape& whole, SliceAt at, int64_t size, DType dtype) {
    const int64_t step = whole.stride(at.axis) * static_cast<int64_t>(item_size(dtype));
    outer = 1;
    for (int axis = 0; axis < at.axis; ++axis) outer *= whole[axis];
    whole_bytes = whole[at.axis] * step;
    offset = at.begin * step;
    part_bytes = size * step;
  }

  void extract(const std::byte* whole, std::byte* part) const {
    for (int64_t o = 0; o < outer; ++o)
      std::memcpy(part + o * part_bytes, whole + o * whole_bytes + offset, static_cast<size_t>(part_bytes));
  }
  void insert(const std::byte* part, std::byte* whole) const {
    for (int64_t o = 0; o < outer; ++o)
      std::memcpy(whole + o * whole_bytes + offset, part + o * part_bytes, static_cast<size_t>(part_bytes));
  }

  int64_t outer, whole_bytes, offset, part_bytes;
};

void check(const char* op, const Shape& whole, SliceAt at, int64_t size) {
  if (at.begin < 0 || size < 0 || at.begin + size > whole[at.axis])
    fail("{}: {} .. {} of axis {} is not within {}", op, at.begin, at.begin + size, at.axis, whole.str());
}

}  // namespace

Tensor slice(const Tensor& x, SliceAt at, int64_t size) {
  if (Trace* trace = tracing())
    return trace->op("slice", {x}, {{"axis", x.shape().normalize(at.axis)}, {"begin", at.begin}, {"size", size}},
                     [&] { return slice(x, at, size); });
  at.axis = x.shape().normalize(at.axis);
  check("slice", x.shape(), at, size);
  if (size == x.size(at.axis)) return x;
  Tensor y = Tensor::empty(x.shape().with(at.axis, size), x.dtype());
  if (y.numel() > 0) AxisRange(x.shape(), at, size, x.dtype()).extract(x.bytes(), y.bytes());
  return record("slice", {x}, y,
                [from = x.shape(), at](const VjpArgs& v) { return Tensors{pad_slice(v.grad(), from, at)}; });
}

Tensor pad_slice(const Tensor& x, const Shape& shape, SliceAt at) {
  if (Trace* trace = tracing())
    return trace->op("pad_slice", {x}, {{"shape", shape}, {"axis", shape.normalize(at.axis)}, {"begin", at.begin}},
                     [&] { return pad_slice(x, shape, at); });
  at.axis = shape.normalize(at.axis);
  const int64_t size = x.size(at.axis);
  check("pad_slice", shape, at, size);
  if (x.shape() != shape.with(at.axis, size)) fail("pad_slice: {} does not fit into {}", x.shape().str(), shape.str());
  Tensor y = Tensor::zeros(shape, x.dtype());
  if (x.numel() > 0) AxisRange(shape, at, size, x.dtype()).insert(x.bytes(), y.bytes());
  return record("pad_slice", {x}, y, [at, size](const VjpArgs& v) { return Tensors{slice(v.grad(), at, size)}; });
}

}  // namespace recur
