// A function of tensors as a graph with variable sizes.
#pragma once

#include <functional>

#include "recur/autograd/checkpoint.h"
#include "recur/autograd/trace.h"

namespace recur {

struct TraceSpec {
  // Their variable axes have names: {.name = "x", .shape = {"T", "B", 8}}. Lengths are {.name = "lengths", .dtype =
  // DType::kI64, .shape = {"B"}, .lengths_of = "T"}.
  std::vector<GraphInput> inputs;
  NamedTensors parameters = {};
  std::vector<std::string> outputs = {};  // names; missing ones are numbers
  Trace::Opens opens = {};                // ops to be opened
  std::vector<AxisSizes> sizes = {};      // to trace at; empty: sizes_to_fit_at(axes)
};

// Traces `f` at several sizes, with random inputs, without gradients, and joins the traces: the graph runs at any other
// sizes. f must run the same ops at every size; random numbers in it are an error.
Graph trace_graph(const TraceSpec& spec, const TensorFunction& f);

// Inputs for one run at these sizes: normal numbers, integers below the input's limit, ragged lengths.
Tensors random_inputs(const std::vector<GraphInput>& inputs, const AxisSizes& sizes, uint64_t seed = 1);

// The elements of a tensor of lengths, as recurrent layers take them; none of an undefined one.
std::vector<int64_t> to_lengths(const Tensor& tensor);

}  // namespace recur
