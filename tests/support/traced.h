// Tracing a function and running the trace.
#pragma once

#include "recur/ops/run_graph.h"

namespace recur::testing {

// A trace of f at these inputs, which are named in0, in1, ...; undefined ones are left out.
inline Graph traced(const TensorFunction& f, const Tensors& inputs, const Trace::Opens& opens = {}) {
  Trace trace(opens);
  for (size_t k = 0; k < inputs.size(); ++k)
    if (inputs[k].defined()) trace.input({.name = "in" + std::to_string(k)}, inputs[k]);
  const Tensors outputs = [&] {
    const TraceScope scope(trace);
    return f(inputs);
  }();
  for (const Tensor& output : outputs) trace.output("out", output);
  return trace.graph();
}

inline Tensors defined_only(const Tensors& tensors) {
  Tensors result;
  for (const Tensor& tensor : tensors)
    if (tensor.defined()) result.push_back(tensor);
  return result;
}

inline bool same_bits(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined()) return true;
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  return std::equal(a.bytes(), a.bytes() + a.byte_size(), b.bytes());
}
inline bool same_bits(const Tensors& a, const Tensors& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Tensor& x, const Tensor& y) { return same_bits(x, y); });
}

}  // namespace recur::testing
