#include "recur/ops/reshape.h"

#include <fmt/format.h>

#include <cstring>

#include "recur/autograd/node.h"
#include "recur/autograd/trace.h"
#include "recur/ops/slice.h"

namespace recur {

using autograd::record;
using autograd::VjpArgs;

Tensor reshape(const Tensor& x, const Shape& shape) {
  if (Trace* trace = tracing()) return trace->op("reshape", {x}, {{"shape", shape}}, [&] { return reshape(x, shape); });
  if (shape == x.shape()) return x;
  if (shape.numel() != x.numel()) fail("reshape: {} does not fit into {}", x.shape().str(), shape.str());
  return record("reshape", {x}, x.alias(0, shape),
                [from = x.shape()](const VjpArgs& v) { return Tensors{reshape(v.grad(), from)}; });
}

Tensor reshape(const Tensor& x, std::initializer_list<int64_t> sizes) {
  std::vector<int64_t> full(sizes);
  const auto open = std::find(full.begin(), full.end(), -1);
  if (open != full.end()) {
    *open = 1;
    const int64_t others = Shape(std::span<const int64_t>(full)).numel();
    if (others == 0 || x.numel() % others != 0)
      fail("reshape: {} does not fit into [{}]", x.shape().str(), fmt::join(sizes, ", "));
    *open = x.numel() / others;
  }
  return reshape(x, Shape(std::span<const int64_t>(full)));
}

Tensor rows(const Tensor& x, int64_t begin, int64_t end) {
  if (Trace* trace = tracing())
    return trace->op("rows", {x}, {{"begin", begin}, {"end", end}}, [&] { return rows(x, begin, end); });
  if (x.rank() == 0 || begin < 0 || end < begin || end > x.size(0))
    fail("rows: {} .. {} is not within {}", begin, end, x.shape().str());
  if (end - begin == x.size(0)) return x;
  const Shape shape = x.shape().with(0, end - begin);
  const int64_t offset = begin * x.shape().stride(0);
  return record("rows", {x}, x.alias(offset, shape), [from = x.shape(), begin](const VjpArgs& v) {
    return Tensors{pad_slice(v.grad(), from, {.axis = 0, .begin = begin})};
  });
}

Tensor row(const Tensor& x, int64_t index) { return reshape(rows(x, index, index + 1), x.shape().erased(0)); }

}  // namespace recur
