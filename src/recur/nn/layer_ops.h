// The nodes of a graph that are layers rather than ops.
#pragma once

#include "recur/ops/op_list.h"

namespace recur {

std::span<const Op> layer_op_list();

// What runs any graph: ops and layers.
OpTable all_ops();

}  // namespace recur
