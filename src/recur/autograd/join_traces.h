// One graph with open sizes out of the traces of one computation at several sizes.
#pragma once

#include "recur/autograd/graph.h"

namespace recur {

struct SizedTrace {
  AxisSizes sizes;
  Graph graph;
};

// The traces must agree in everything but integers: ops, inputs, constants, attributes. Every integer becomes the form
// in the axes that fits it at all sizes (fit_size.h). Throws, naming the node and what of it, where one does not fit.
Graph join_traces(const std::vector<SizedTrace>& traces);

}  // namespace recur
