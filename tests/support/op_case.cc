#include "tests/support/op_case.h"

#include <algorithm>
#include <cmath>

#include "recur/base/random.h"

namespace recur::testing {
namespace {

std::vector<OpCase>& registry() {
  static std::vector<OpCase> cases;
  return cases;
}

}  // namespace

Register::Register(std::vector<OpCase> cases) {
  for (OpCase& one : cases) registry().push_back(std::move(one));
}

OpCase of(const char* name, std::function<Tensor(const Tensors&)> f, Tensors inputs) {
  return {.name = name, .f = [f](const Tensors& in) { return Tensors{f(in)}; }, .inputs = std::move(inputs)};
}

const std::vector<OpCase>& all_cases() { return registry(); }

Tensor normal(const Shape& shape, uint64_t seed, DType dtype) {
  Random random(seed);
  Tensor x = Tensor::empty(shape, DType::kF64);
  for (int64_t i = 0; i < x.numel(); ++i) x.data<double>()[i] = random.normal();
  return x.clone(dtype);
}

Tensor uniform(const Shape& shape, double low, double high, uint64_t seed) {
  Random random(seed);
  Tensor x = Tensor::empty(shape, DType::kF64);
  for (int64_t i = 0; i < x.numel(); ++i) x.data<double>()[i] = low + (high - low) * random.uniform64();
  return x;
}

double relative_error(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return INFINITY;
  const Tensor x = a.clone(DType::kF64), y = b.clone(DType::kF64);
  double difference = 0, scale = 1e-30;
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double p = std::as_const(x).data<double>()[i], q = std::as_const(y).data<double>()[i];
    if (std::isnan(p) || std::isnan(q)) return INFINITY;
    difference = std::max(difference, std::abs(p - q));
    scale = std::max(scale, std::abs(q));
  }
  return difference / scale;
}

}  // namespace recur::testing
