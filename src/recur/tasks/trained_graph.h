// The network of a trained model as a graph with open sizes: what exports stand on.
//
//   const TrainedGraph of = trained->graph({});
//   run_graph(of.graph, inputs, all_ops());
//
// Inputs are what the network reads: symbols as numbers, and series as the task's encoder scales them. docs/formats.md
// says how they come from data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/autograd/trace_graph.h"
#include "recur/nn/module.h"
#include "recur/nn/recurrent.h"

namespace recur {

struct GraphRequest {
  std::string part = {};  // of a network in several parts which one, such as "decoder"; "": the first
  bool stateful = false;  // one time step, with states in and out
};

struct TrainedGraph {
  Graph graph;  // at the level of layers
  // What the inputs and outputs are, in words, in their order.
  std::vector<std::string> inputs, outputs;
  // What of a prediction the graph leaves to its user, a sentence each.
  std::vector<std::string> notes;
  std::vector<std::string> parts = {};  // that there are; none: it has one only
};

// The parts of a graph that is to be made.
class GraphOutline {
 public:
  explicit GraphOutline(const Module& network);

  DType dtype() const { return dtype_; }  // of the parameters
  // Each gives the index of the input in what the function is called with.
  size_t input(GraphInput input, std::string what);
  // i32, each below `below`.
  size_t symbols(std::string name, std::vector<Size> shape, int64_t below, std::string what);
  // Numbers in the precision of the parameters.
  size_t numbers(std::string name, std::vector<Size> shape, std::string what);
  // i64 [B], the steps of each sequence along the axis.
  size_t lengths(std::string name, const char* batch, const char* axis, std::string what);
  // States of recurrent layers, [B, ...] each: their first index.
  size_t states(const Recurrent& rnn, const std::string& prefix = "");
  void output(std::string name, std::string what);
  // The states after the last step, as inputs of the next call.
  void output_states(const Recurrent& rnn, const std::string& prefix = "");
  void note(std::string sentence) { result_.notes.push_back(std::move(sentence)); }

  // Traces `f`, without gradients.
  TrainedGraph trace(const TensorFunction& f) &&;

 private:
  TraceSpec spec_;
  DType dtype_;
  TrainedGraph result_;
};

// The states that the inputs from `first` on are.
RecurrentState states_of(const Tensors& inputs, size_t first, const Recurrent& rnn);

// Throws UsageError for a part that is none of `parts`, where the first is the usual one, and gives the one meant.
std::string part_of(const GraphRequest& request, std::string_view task, const std::vector<std::string>& parts = {});
// Throws UsageError where one step at a time was asked for.
void refuse_stateful(const GraphRequest& request, std::string_view why);

}  // namespace recur
