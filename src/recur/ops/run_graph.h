// The interpreter of graphs.
#pragma once

#include "recur/autograd/trace_graph.h"
#include "recur/ops/op_list.h"

namespace recur {

// Runs a graph on inputs in the order of graph.inputs; the sizes of its axes are those of the inputs. Differentiable,
// as the ops are, and recorded where a trace runs. Throws when an input does not fit what the graph says of it.
Tensors run_graph(const Graph& graph, const Tensors& inputs, const OpTable& table = {});

// The same graph with the ops opened that `opens` names: it is run at several sizes and traced anew.
Graph open_graph(const Graph& graph, const Trace::Opens& opens, const OpTable& table = {});

}  // namespace recur
