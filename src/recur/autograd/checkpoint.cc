#include "recur/autograd/checkpoint.h"

#include "recur/autograd/grad.h"

namespace recur {
namespace {

using autograd::VjpArgs;

// The same tensor as a node of its own, so that gradients stop here: inputs may depend on each other.
Tensor separated(const Tensor& x, bool linked) {
  if (!x.defined() || !is_floating(x.dtype())) return x;
  if (!linked) return x.detach().set_requires_grad();
  return autograd::record("identity", {x}, x.detach(), [](const VjpArgs& v) { return Tensors{v.grad()}; });
}

}  // namespace

Tensors vjp_of(const TensorFunction& f, const Tensors& inputs, const VjpArgs& v, int outputs) {
  const bool again = autograd::recording();
  const autograd::RecordScope scope(true);
  Tensors points, targets, results(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    points.push_back(v.needs(static_cast<int>(i)) ? separated(inputs[i], again) : inputs[i]);
    if (v.needs(static_cast<int>(i))) targets.push_back(points.back());
  }
  Tensors made = f(points), reached, weights;
  for (int k = 0; k < outputs; ++k) {
    if (!v.has_grad(k) || !made[k].requires_grad()) continue;
    reached.push_back(made[k]);
    weights.push_back(v.grad(k));
  }
  const Tensors grads = grad(reached, targets, {.grad_outputs = weights, .create_graph = again});
  size_t next = 0;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (v.needs(static_cast<int>(i))) results[i] = grads[next++];
  return results;
}

Tensors checkpoint(const TensorFunction& f, const Tensors& inputs) {
  Tensors outputs = [&] {
    const autograd::NoGrad no_grad;
    return f(inputs);
  }();
  const int count = static_cast<int>(outputs.size());
  return autograd::record("checkpoint", inputs, std::move(outputs),
                          [f, inputs, count](const VjpArgs& v) { return vjp_of(f, inputs, v, count); });
}

}  // namespace recur
