#include "recur/ops/embedding.h"

#include <cstring>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/base/threads.h"
#include "recur/ops/cast.h"

namespace recur {
namespace {

using autograd::record;
using autograd::VjpArgs;

void check_ids(const char* op, const Tensor& ids, int64_t vocabulary) {
  if (ids.dtype() != DType::kI32) fail("{}: ids: expected i32, got {}", op, name_of(ids.dtype()));
  const auto values = ids.values<int32_t>();
  for (size_t k = 0; k < values.size(); ++k)
    if (values[k] < 0 || values[k] >= vocabulary)
      fail("{}: id {} at position {} of {} is not within 0 .. {} (V = {})", op, values[k], k, ids.shape().str(),
           vocabulary - 1, vocabulary);
}

// ids.shape + row
Shape joined(const Shape& ids, std::span<const int64_t> row) {
  std::vector<int64_t> sizes(ids.begin(), ids.end());
  sizes.insert(sizes.end(), row.begin(), row.end());
  return Shape(std::span<const int64_t>(sizes));
}

}  // namespace

Tensor embedding(const Tensor& weight, const Tensor& ids) {
  if (Trace* trace = tracing())
    return trace->op("embedding", {weight, ids}, {}, [&] { return embedding(weight, ids); });
  if (weight.rank() < 1) fail("embedding: weight: expected [V, F], got {}", weight.shape().str());
  const int64_t vocabulary = weight.size(0);
  check_ids("embedding", ids, vocabulary);
  Tensor y = Tensor::empty(joined(ids.shape(), {weight.shape().begin() + 1, weight.shape().end()}), weight.dtype());
  const size_t row = static_cast<size_t>(weight.shape().stride(0)) * item_size(weight.dtype());
  const int32_t* id = ids.data<int32_t>();
  const std::byte* from = weight.bytes();
  std::byte* to = y.bytes();
  if (row > 0)
    parallel_for(ids.numel(), 1024, [&](int64_t begin, int64_t end) {
      for (int64_t k = begin; k < end; ++k) std::memcpy(to + k * row, from + id[k] * row, row);
    });
  return record("embedding", {weight}, y,
                [ids, vocabulary](const VjpArgs& v) { return Tensors{scatter_rows(v.grad(), ids, vocabulary)}; });
}

Tensor scatter_rows(const Tensor& g, const Tensor& ids, int64_t vocabulary) {
  if (Trace* trace = tracing())
    return trace->op("scatter_rows", {g, ids}, {{"vocabulary", vocabulary}},
                     [&] { return scatter_rows(g, ids, vocabulary); });
  if (g.dtype() == DType::kBF16) return cast(scatter_rows(cast(g, DType::kF32), ids, vocabulary), DType::kBF16);
  check_ids("scatter_rows", ids, vocabulary);
  const Shape& shape = g.shape();
  if (shape.rank() < ids.rank() || !std::equal(ids.shape().begin(), ids.shape().end(), shape.begin()))
    fail("scatter_rows: {} does not begin with the ids' shape {}", shape.str(), ids.shape().str());
  const std::span<const int64_t> row_shape(shape.begin() + ids.rank(), shape.end());
  Tensor y = Tensor::zeros(joined({vocabulary}, row_shape), g.dtype());
  const int64_t row = Shape(row_shape).numel();
  dispatch_float("scatter_rows", g.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* from = g.data<T>();
    T* to = y.data<T>();
    const int32_t* id = ids.data<int32_t>();
    // Threads split the columns: each element's sum is then taken in one order.
    parallel_runs(row, [&](int64_t begin, int64_t end) {
      for (int64_t k = 0; k < ids.numel(); ++k)
        for (int64_t j = begin; j < end; ++j) to[id[k] * row + j] += from[k * row + j];
    });
  });
  return record("scatter_rows", {g}, y, [ids](const VjpArgs& v) { return Tensors{embedding(v.grad(), ids)}; });
}

}  // namespace recur
