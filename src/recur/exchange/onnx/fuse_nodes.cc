#include "recur/exchange/onnx/fuse_nodes.h"

#include <iterator>
#include <map>
#include <set>

namespace recur::onnx {

constexpr int64_t kMostMade = int64_t{1} << 27;  // elements of weights in another order, in all

GraphProto fused(const GraphProto& graph) {
  const GraphPattern pattern(graph);
  std::map<const NodeProto*, Fusion> fusions;
  std::set<const NodeProto*> without;
  int64_t made = 0;
  for (const NodeProto& node : graph.nodes) {
    for (const auto fuse : {fused_function, fused_cell}) {
      Fusion found = fuse(pattern, node);
      if (found.nodes.empty()) continue;
      for (const TensorProto& each : found.constants) made += each.value.numel();
      if (made > kMostMade) break;
      without.insert(found.without.begin(), found.without.end());
      fusions.try_emplace(found.at, std::move(found));
      break;
    }
  }
  GraphProto result{
      .name = graph.name, .initializers = graph.initializers, .inputs = graph.inputs, .outputs = graph.outputs};
  for (const NodeProto& node : graph.nodes) {
    const auto found = fusions.find(&node);
    if (found != fusions.end()) {
      std::ranges::move(found->second.nodes, std::back_inserter(result.nodes));
      std::ranges::move(found->second.constants, std::back_inserter(result.initializers));
    } else if (!without.contains(&node)) {
      result.nodes.push_back(node);
    }
  }
  return result;
}

}  // namespace recur::onnx
