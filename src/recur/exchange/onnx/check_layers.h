// Whether layers that were read from a graph compute what the graph computes: both are run, and compared.
#pragma once

#include <optional>
#include <string>

#include "recur/exchange/onnx/graph_as_read.h"
#include "recur/tasks/network/network_model.h"

namespace recur::onnx {

// Returns the largest difference on random numbers, |layers - graph| / max(1, |graph|). The graph is called once from
// states of zeros, and several times if a call may be a part of a sequence and as many states come out as go in. Throws
// Error where the two differ by more than rounding. Nothing where Recur's ops do not run the graph, or not within a
// bound of memory; why is logged.
std::optional<double> check_layers(const GraphAsRead& graph, const NetworkModel& network, const std::string& file);

}  // namespace recur::onnx
