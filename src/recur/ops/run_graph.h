// The interpreter of graphs.
#pragma once

#include "recur/autograd/trace_graph.h"
#include "recur/ops/op_list.h"

namespace recur {

// Runs a graph on inputs in the order of graph.inputs; the sizes of its axes are those of the inputs. Differentiable,
// like the ops, and recorded by a running trace. Throws when an input does not match its declaration in the graph.
Tensors run_graph(const Graph& graph, const Tensors& inputs, const OpTable& table = {});

// The same graph with the ops chosen by `opens` opened: it is run at several sizes and traced again.
Graph open_graph(const Graph& graph, const Trace::Opens& opens, const OpTable& table = {});

}  // namespace recur
