// An imported network as a graph.
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/network/network_trained.h"
#include "recur/tasks/trained_graph.h"

namespace recur {

TrainedGraph NetworkTrained::graph(const GraphRequest& request) const {
  part_of(request, info().name);
  refuse_stateful(request, "the graph of an imported network reads whole sequences");
  GraphOutline outline(model_);
  const int64_t vocabulary = model_.vocabulary();
  if (vocabulary > 0)
    outline.symbols("ids", {"T", "B"}, vocabulary, "symbols, by their numbers");
  else
    outline.numbers("x", {"T", "B", model_.input_features()}, "features of each step");
  outline.output("y", model_.gives_one() ? "outputs of each sequence" : "outputs at each step");
  outline.note("All sequences of a call have the same length.");
  return std::move(outline).trace([&](const Tensors& in) {
    Tensor x = in[0];
    if (vocabulary > 0) x = reshape(cast(x, DType::kF32), {x.size(0), x.size(1), 1});
    const Tensor y = cast(model_(x), DType::kF32);
    return Tensors{model_.gives_one() ? reshape(y, {y.size(1), y.size(2)}) : y};
  });
}

}  // namespace recur
