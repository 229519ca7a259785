#include "recur/ops/one_hot.h"

#include "recur/autograd/trace.h"
namespace recur {

Tensor arange(int64_t n, DType dtype) {
  if (Trace* trace = tracing())
    return trace->op("arange", {}, {{"n", n}, {"dtype", dtype}}, [&] { return arange(n, dtype); });
  if (n < 0) fail("arange: expected n >= 0, got {}", n);
  std::vector<int64_t> values(static_cast<size_t>(n));
  for (int64_t k = 0; k < n; ++k) values[k] = k;
  return Tensor::from(values, {n}).clone(dtype);
}

Tensor filled(const Shape& shape, double value, DType dtype) {
  if (Trace* trace = tracing())
    return trace->op("filled", {}, {{"shape", shape}, {"value", value}, {"dtype", dtype}},
                     [&] { return filled(shape, value, dtype); });
  return Tensor::full(shape, value, dtype);
}

Tensor one_hot(const Tensor& ids, int64_t vocabulary, DType dtype) {
  if (Trace* trace = tracing())
    return trace->op("one_hot", {ids}, {{"vocabulary", vocabulary}, {"dtype", dtype}},
                     [&] { return one_hot(ids, vocabulary, dtype); });
  if (vocabulary < 0) fail("one_hot: expected V >= 0, got {}", vocabulary);
  const auto places = ids.values<int32_t>();
  Tensor result = Tensor::zeros(ids.shape().inserted(ids.rank(), vocabulary), dtype);
  const Tensor one = Tensor::scalar(1, dtype);
  const size_t size = item_size(dtype);
  std::byte* to = result.bytes();
  for (size_t k = 0; k < places.size(); ++k) {
    if (places[k] < 0 || places[k] >= vocabulary)
      fail("one_hot: id {} at position {} of {} is not within 0 .. {} (V = {})", places[k], k, ids.shape().str(),
           vocabulary - 1, vocabulary);
    std::copy_n(one.bytes(), size, to + (k * static_cast<size_t>(vocabulary) + static_cast<size_t>(places[k])) * size);
  }
  return result;
}

}  // namespace recur
