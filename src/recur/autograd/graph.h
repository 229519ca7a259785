// A recorded computation: which ops ran, on which values, in which order. A trace (trace.h) records it; ops/run_graph.h
// runs it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/autograd/attributes.h"
#include "recur/tensor/tensor.h"

namespace recur {

enum class Origin { kInput, kParameter, kConstant, kNode };

struct GraphValue {
  Origin origin = Origin::kConstant;
  std::string name = {};  // of inputs and parameters
  DType dtype = DType::kF32;
  std::vector<Size> shape = {};
  int node = -1, output = 0;  // the node that makes it, and which of its outputs it is
  Tensor tensor = {};         // of parameters and constants: the elements
};

struct GraphInput {
  std::string name = {};
  DType dtype = DType::kF32;
  std::vector<Size> shape = {};
  int64_t below = 1;            // integers lie in 0 .. below - 1
  std::string lengths_of = {};  // an axis: these are the lengths of sequences along it, i64
};

inline constexpr int kAbsent = -1;  // in place of a value: an optional input that is not there

struct Graph;

struct GraphNode {
  std::string op;
  std::vector<int> inputs;  // values, or kAbsent
  std::vector<int> outputs;
  Attributes attributes;
  std::shared_ptr<const Graph> body = {};  // of a scan: the step
};

// Nodes are in an order in which they can run. Values are referred to by their index in `values`.
struct Graph {
  std::vector<GraphInput> inputs;
  std::vector<int> input_values;  // the value of each input
  std::vector<GraphValue> values;
  std::vector<GraphNode> nodes;
  std::vector<int> outputs;
  std::vector<std::string> output_names;

  std::vector<std::string> axes() const;  // the open ones, as the inputs name them
  std::string name_of(int value) const;   // "x", "weight", "%3"; "-" when absent
  std::string str() const;                // a line a node
};

}  // namespace recur
