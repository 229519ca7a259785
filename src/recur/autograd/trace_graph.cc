#include "recur/autograd/trace_graph.h"

#include <cmath>

#include "recur/autograd/fit_size.h"
#include "recur/autograd/join_traces.h"
#include "recur/base/random.h"

namespace recur {
namespace {

Tensor random_input(const GraphInput& input, const AxisSizes& sizes, Random& random) {
  std::vector<int64_t> shape;
  for (const Size& size : input.shape) shape.push_back(size.at(sizes));
  Tensor x = Tensor::empty(Shape(std::span<const int64_t>(shape)), DType::kF64);
  const double limit = input.lengths_of.empty() ? static_cast<double>(input.below)
                                                : static_cast<double>(Size(input.lengths_of.c_str()).at(sizes) + 1);
  double* to = x.data<double>();
  for (int64_t i = 0; i < x.numel(); ++i)
    to[i] = is_floating(input.dtype) ? random.normal() : std::floor(random.uniform64() * limit);
  // Lengths that are all T would look as if there were none: one sequence is empty, whatever number of steps is left
  // out.
  if (!input.lengths_of.empty() && x.numel() > 1) to[0] = 0;
  return x.clone(input.dtype);
}

SizedTrace trace_once(const TraceSpec& spec, const TensorFunction& f, const AxisSizes& sizes, uint64_t seed) {
  const autograd::NoGrad no_grad;
  const Tensors inputs = random_inputs(spec.inputs, sizes, seed);
  Trace trace(spec.opens);
  for (size_t k = 0; k < inputs.size(); ++k) trace.input(spec.inputs[k], inputs[k]);
  trace.parameters(spec.parameters);
  const Tensors outputs = [&] {
    const TraceScope scope(trace);
    return f(inputs);
  }();
  for (size_t k = 0; k < outputs.size(); ++k)
    trace.output(k < spec.outputs.size() ? spec.outputs[k] : std::to_string(k), outputs[k]);
  return {.sizes = sizes, .graph = trace.graph()};
}

}  // namespace

Tensors random_inputs(const std::vector<GraphInput>& inputs, const AxisSizes& sizes, uint64_t seed) {
  Random random(seed);
  Tensors result;
  for (const GraphInput& input : inputs) result.push_back(random_input(input, sizes, random));
  return result;
}

std::vector<int64_t> to_lengths(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  const auto values = tensor.values<int64_t>();
  return {values.begin(), values.end()};
}

Graph trace_graph(const TraceSpec& spec, const TensorFunction& f) {
  const Graph named{
      .inputs = spec.inputs, .input_values = {}, .values = {}, .nodes = {}, .outputs = {}, .output_names = {}};
  const std::vector<AxisSizes> sizes = spec.sizes.empty() ? sizes_to_fit_at(named.axes()) : spec.sizes;
  std::vector<SizedTrace> traces;
  for (size_t i = 0; i < sizes.size(); ++i) traces.push_back(trace_once(spec, f, sizes[i], i + 1));
  return join_traces(traces);
}

}  // namespace recur
