#include "recur/autograd/gradient_check.h"

#include <cmath>

#include "recur/base/random.h"

namespace recur {
namespace {

Tensor random_like(const Tensor& x, Random& random) {
  Tensor w = Tensor::empty(x.shape(), DType::kF64);
  for (int64_t i = 0; i < w.numel(); ++i) w.data<double>()[i] = random.normal();
  return w;
}

double dot(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.numel(); ++i) sum += a.data<double>()[i] * b.data<double>()[i];
  return sum;
}

// sum over outputs of <w, f(x)>, without recording.
double weighted(const TensorFunction& f, const Tensors& inputs, const Tensors& weights) {
  const autograd::NoGrad no_grad;
  const Tensors outputs = f(inputs);
  double sum = 0;
  for (size_t k = 0; k < outputs.size(); ++k) sum += dot(outputs[k], weights[k]);
  return sum;
}

// The derivative of the weighted sum as inputs[i] moves along `direction`.
double slope(const TensorFunction& f, const Tensors& inputs, size_t i, const Tensor& direction, const Tensors& weights,
             double step) {
  const auto at = [&](double distance) {
    Tensors moved = inputs;
    moved[i] = inputs[i].clone();
    for (int64_t k = 0; k < moved[i].numel(); ++k)
      moved[i].data<double>()[k] += distance * std::as_const(direction).data<double>()[k];
    return weighted(f, moved, weights);
  };
  return (at(step) - at(-step)) / (2 * step);
}

double largest(const Tensor& x) {
  double result = 0;
  for (const double value : x.values<double>()) result = std::max(result, std::abs(value));
  return result;
}

// NaN counts as an infinite error.
double worse(double a, double b) { return b <= a ? a : std::isnan(b) ? INFINITY : b; }

double input_error(const TensorFunction& f, const Tensors& inputs, size_t i, const Tensor& gradient,
                   const Tensors& weights, const GradientCheck& options) {
  const double scale = std::max(1.0, largest(gradient));
  double error = 0;
  if (inputs[i].numel() <= options.max_entries) {
    for (int64_t k = 0; k < inputs[i].numel(); ++k) {
      Tensor unit = Tensor::zeros(inputs[i].shape(), DType::kF64);
      unit.data<double>()[k] = 1;
      const double step = options.step * std::max(1.0, std::abs(inputs[i].data<double>()[k]));
      const double difference = slope(f, inputs, i, unit, weights, step) - gradient.data<double>()[k];
      error = worse(error, std::abs(difference) / scale);
    }
    return error;
  }
  Random random(options.seed, 7);
  for (int trial = 0; trial < 8; ++trial) {
    const Tensor direction = random_like(inputs[i], random);
    const double expected = dot(gradient, direction);
    const double difference = slope(f, inputs, i, direction, weights, options.step) - expected;
    error = worse(error, std::abs(difference) / std::max(scale, std::abs(expected)));
  }
  return error;
}

// The inputs as fresh leaves: floating ones require a gradient.
Tensors as_leaves(const Tensors& inputs) {
  Tensors leaves;
  for (const Tensor& input : inputs) {
    leaves.push_back(input.defined() ? input.clone() : input);
    if (input.defined() && is_floating(input.dtype())) leaves.back().set_requires_grad();
  }
  return leaves;
}

Tensors differentiable(const Tensors& inputs) {
  Tensors result;
  for (const Tensor& input : inputs)
    if (input.requires_grad()) result.push_back(input);
  return result;
}

}  // namespace

double gradient_error(const TensorFunction& f, const Tensors& inputs, const GradientCheck& options) {
  const Tensors leaves = as_leaves(inputs);
  const Tensors outputs = f(leaves);
  Random random(options.seed);
  Tensors weights;
  for (const Tensor& output : outputs) weights.push_back(random_like(output, random));
  const Tensors gradients = grad(outputs, differentiable(leaves), {.grad_outputs = weights});
  double error = 0;
  size_t next = 0;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (leaves[i].requires_grad()) error = worse(error, input_error(f, inputs, i, gradients[next++], weights, options));
  return error;
}

double second_gradient_error(const TensorFunction& f, const Tensors& inputs, const GradientCheck& options) {
  const TensorFunction gradient = [&](const Tensors& at) {
    const autograd::RecordScope on(true);
    Tensors points = at;
    for (Tensor& point : points)
      if (point.defined() && is_floating(point.dtype()) && !point.requires_grad())
        point = point.clone().set_requires_grad();
    const Tensors outputs = f(points);
    Random random(options.seed, 1);
    Tensors weights;
    for (const Tensor& output : outputs) weights.push_back(random_like(output, random));
    return grad(outputs, differentiable(points), {.grad_outputs = weights, .create_graph = true});
  };
  return gradient_error(gradient, inputs, options);
}

}  // namespace recur
