#include "recur/tasks/adapt/inner_steps.h"

#include "recur/autograd/grad.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/binary.h"

namespace recur {
namespace {

Tensors leaves_of(const Tensors& values) {
  Tensors leaves;
  for (const Tensor& each : values) leaves.push_back(each.detach().set_requires_grad());
  return leaves;
}

}  // namespace

Tensors descended(const Module& module, const std::function<Tensor()>& loss, const InnerSteps& how,
                  const std::function<void(const Tensors&)>& after) {
  const bool second_order = how.through == Through::kSecondOrder;
  Tensors fast = module.parameters();
  if (how.through == Through::kNothing) {
    for (Tensor& each : fast) each = each.detach();
  }
  if (after) after(fast);
  for (int64_t step = 0; step < how.steps; ++step) {
    Tensors gradients;
    {
      const autograd::RecordScope recording(true);  // evaluation has none, and the steps need gradients
      const Tensors at = second_order ? fast : leaves_of(fast);
      gradients = grad({with_parameters(module, at, loss)}, at, {.create_graph = second_order});
    }
    for (size_t i = 0; i < fast.size(); ++i) {
      fast[i] = fast[i] - (second_order ? gradients[i] : gradients[i].detach()) * how.rate;
    }
    if (after) after(fast);
  }
  return fast;
}

}  // namespace recur
