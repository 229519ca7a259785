// The nodes that layers leave in a trace beside ops.
#pragma once

#include "recur/ops/op_list.h"

namespace recur {

std::span<const Op> layer_op_list();

// What runs any graph: ops and layers.
OpTable all_ops();

}  // namespace recur
