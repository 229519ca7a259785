#include "recur/ops/concat.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

Shape joined_shape(const Tensors& parts, int axis) {
  int64_t total = 0;
  for (const Tensor& part : parts) {
    if (part.rank() != parts[0].rank() || part.dtype() != parts[0].dtype() ||
        part.shape().with(axis, 0) != parts[0].shape().with(axis, 0))
      fail("concat: cannot join {} {} and {} {} along axis {}", name_of(part.dtype()), part.shape().str(),
           name_of(parts[0].dtype()), parts[0].shape().str(), axis);
    total += part.size(axis);
  }
  return parts[0].shape().with(axis, total);
}

}  // namespace

Tensor concat(const Tensors& parts, int axis) {
  if (parts.empty()) fail("concat: expected at least one tensor");
  axis = parts[0].shape().normalize(axis);
  if (Trace* trace = tracing())
    return trace->op("concat", parts, {{"axis", axis}}, [&] { return concat(parts, axis); });
  if (parts.size() == 1) return parts[0];
  Tensor y = Tensor::empty(joined_shape(parts, axis), parts[0].dtype());
  const int64_t step = y.shape().stride(axis) * static_cast<int64_t>(item_size(y.dtype()));
  const int64_t whole = y.size(axis) * step;
  std::byte* to = y.bytes();
  std::vector<int64_t> sizes;
  for (const Tensor& part : parts) {
    const int64_t bytes = part.size(axis) * step;
    const std::byte* from = part.bytes();
    for (int64_t o = 0; bytes > 0 && o < part.numel() * static_cast<int64_t>(item_size(y.dtype())) / bytes; ++o)
      std::memcpy(to + o * whole, from + o * bytes, static_cast<size_t>(bytes));
    to += bytes;
    sizes.push_back(part.size(axis));
  }
  return record("concat", parts, y, [axis, sizes](const VjpArgs& v) { return split(v.grad(), axis, sizes); });
}

Tensor stack(const Tensors& parts, int axis) {
  if (parts.empty()) fail("stack: expected at least one tensor");
  Tensors raised;
  for (const Tensor& part : parts) raised.push_back(reshape(part, part.shape().inserted(axis, 1)));
  return concat(raised, axis);
}

Tensors split(const Tensor& x, int axis, const std::vector<int64_t>& sizes) {
  if (Trace* trace = tracing())
    return trace->op("split", {x}, {{"axis", x.shape().normalize(axis)}, {"sizes", sizes}},
                     [&] { return split(x, axis, sizes); });
  if (std::accumulate(sizes.begin(), sizes.end(), int64_t{0}) != x.size(axis))
    fail("split: sizes [{}] do not add up to axis {} of {}", fmt::join(sizes, ", "), axis, x.shape().str());
  if (sizes.empty()) return {};
  axis = x.shape().normalize(axis);
  const Tensor whole = x.detach();
  Tensors parts;
  int64_t begin = 0;
  for (const int64_t size : sizes) {
    parts.push_back(axis == 0 ? rows(whole, begin, begin + size) : slice(whole, {.axis = axis, .begin = begin}, size));
    begin += size;
  }
  // One node for all parts: a slice's gradient is as large as the whole, which many parts would add up one by one.
  return record("split", {x}, std::move(parts), [axis, count = static_cast<int>(sizes.size())](const VjpArgs& v) {
    Tensors grads;
    for (int k = 0; k < count; ++k) grads.push_back(v.grad(k));
    return Tensors{concat(grads, axis)};
  });
}

Tensors split_every(const Tensor& x, int axis, int64_t size) {
  std::vector<int64_t> sizes;
  for (int64_t left = x.size(axis); left > 0; left -= size) sizes.push_back(std::min(size, left));
  return split(x, axis, sizes);
}

}  // namespace recur
