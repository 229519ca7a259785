// Reverse-mode differentiation over the tape.
#pragma once

#include "recur/autograd/node.h"

namespace recur {

struct GradOptions {
  Tensors grad_outputs = {};  // dL/d(output) for each output; empty: ones (outputs must then have one element)
  bool create_graph = false;  // record the computation of the gradient, so that it can be differentiated again
  bool retain_graph = false;  // keep the graph for another pass (create_graph implies it)
};

// The gradients of the sum of `outputs`, each weighted by its grad_output, with respect to `inputs` (leaves or results
// of recorded ops). An input that the outputs do not depend on gets zeros. Exact to any order with create_graph.
Tensors grad(const Tensors& outputs, const Tensors& inputs, const GradOptions& options = {});

// Adds the gradient of `outputs` to the grad of every leaf they depend on. With create_graph such a grad holds a graph
// that may refer to the leaf itself: set_grad({}) breaks this cycle.
void backward(const Tensors& outputs, const GradOptions& options = {});

// One input's gradient of one scalar output.
inline Tensor grad(const Tensor& output, const Tensor& input, const GradOptions& options = {}) {
  return grad(Tensors{output}, Tensors{input}, options)[0];
}

}  // namespace recur
