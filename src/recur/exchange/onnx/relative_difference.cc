#include "recur/exchange/onnx/relative_difference.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace recur::onnx {

double relative_difference(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape() || a.dtype() != b.dtype()) return INFINITY;
  const Tensor exact_a = a.clone(DType::kF64), exact_b = b.clone(DType::kF64);
  const auto x = std::as_const(exact_a).values<double>(), y = std::as_const(exact_b).values<double>();
  double largest = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]))) continue;
    const double difference = std::abs(x[i] - y[i]) / std::max(1.0, std::abs(y[i]));
    largest = std::isnan(difference) ? INFINITY : std::max(largest, difference);
  }
  return largest;
}

}  // namespace recur::onnx
