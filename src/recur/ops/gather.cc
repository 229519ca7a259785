#include "recur/ops/gather.h"

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/ops/axis.h"
#include "recur/ops/cast.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

void check_index(const char* op, const Tensor& index, int axis, int64_t size) {
  if (index.dtype() != DType::kI32) fail("{}: index: expected i32, got {}", op, name_of(index.dtype()));
  const auto values = index.values<int32_t>();
  for (size_t k = 0; k < values.size(); ++k)
    if (values[k] < 0 || values[k] >= size)
      fail("{}: index {} at position {} of {} is not within axis {} of size {}", op, values[k], k, index.shape().str(),
           axis, size);
}

// Calls f(place along an axis of `size` positions, place in the index) for each element of the index; threads split
// the outermost axes.
template <class F>
void for_each(const AroundAxis& index, const int32_t* values, int64_t size, F&& f) {
  const int64_t slab = index.n * index.inner;
  if (slab == 0) return;
  parallel_for(index.outer, std::max<int64_t>(1, (1 << 14) / slab), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t k = 0; k < slab; ++k) {
        const int64_t place = o * slab + k;
        f((o * size + values[place]) * index.inner + k % index.inner, place);
      }
  });
}

}  // namespace

Tensor gather(const Tensor& x, int axis, const Tensor& index) {
  if (Trace* trace = tracing())
    return trace->op("gather", {x, index}, {{"axis", x.shape().normalize(axis)}},
                     [&] { return gather(x, axis, index); });
  axis = x.shape().normalize(axis);
  if (index.rank() != x.rank() || index.shape() != x.shape().with(axis, index.size(axis)))
    fail("gather: index {} does not fit {} along axis {}", index.shape().str(), x.shape().str(), axis);
  const int64_t size = x.size(axis);
  check_index("gather", index, axis, size);
  Tensor y = Tensor::empty(index.shape(), x.dtype());
  dispatch(x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = x.data<T>();
    T* to = y.data<T>();
    for_each(AroundAxis(index.shape(), axis), index.data<int32_t>(), size,
             [=](int64_t in_x, int64_t in_index) { to[in_index] = from[in_x]; });
  });
  return record("gather", {x}, y,
                [axis, index, size](const VjpArgs& v) { return Tensors{scatter_add(v.grad(), axis, index, size)}; });
}

Tensor scatter_add(const Tensor& g, int axis, const Tensor& index, int64_t size) {
  if (Trace* trace = tracing())
    return trace->op("scatter_add", {g, index}, {{"axis", g.shape().normalize(axis)}, {"size", size}},
                     [&] { return scatter_add(g, axis, index, size); });
  if (g.dtype() == DType::kBF16) return cast(scatter_add(cast(g, DType::kF32), axis, index, size), DType::kBF16);
  axis = g.shape().normalize(axis);
  if (index.shape() != g.shape())
    fail("scatter_add: expected an index of shape {}, got {}", g.shape().str(), index.shape().str());
  check_index("scatter_add", index, axis, size);
  Tensor y = Tensor::zeros(g.shape().with(axis, size), g.dtype());
  dispatch_float("scatter_add", g.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = g.data<T>();
    T* to = y.data<T>();
    for_each(AroundAxis(index.shape(), axis), index.data<int32_t>(), size,
             [=](int64_t in_y, int64_t in_index) { to[in_y] += from[in_index]; });
  });
  return record("scatter_add", {g}, y,
                [axis, index](const VjpArgs& v) { return Tensors{gather(v.grad(), axis, index)}; });
}

}  // namespace recur
