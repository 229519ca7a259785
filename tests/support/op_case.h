// One declarative case an op: a function, its inputs in f64, and everything else follows. Each case is checked for
// its gradient, its second derivatives, and for the f32 backend against f64.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "recur/autograd/gradient_check.h"

namespace recur::testing {

struct OpCase {
  std::string name;
  TensorFunction f;
  Tensors inputs;               // f64, or integers that are held fixed
  double f32_tolerance = 1e-5;  // of the outputs in f32, relative to the largest entry
  bool differentiable = true;
  bool traced = true;  // false: made of what lies below the ops that a trace records
};

// The case of an op that has one output.
OpCase of(const char* name, std::function<Tensor(const Tensors&)> f, Tensors inputs);

// Puts cases on the list that op_case_test.cc runs: at namespace scope, `const Register mine({...});`.
struct Register {
  explicit Register(std::vector<OpCase> cases);
};
const std::vector<OpCase>& all_cases();

// Standard normal numbers, the same each time for a seed.
Tensor normal(const Shape& shape, uint64_t seed = 1, DType dtype = DType::kF64);
// Uniform in [low, high).
Tensor uniform(const Shape& shape, double low, double high, uint64_t seed = 1);

// The largest |a - b|, relative to the largest |b| (at least 1e-30).
double relative_error(const Tensor& a, const Tensor& b);

}  // namespace recur::testing
