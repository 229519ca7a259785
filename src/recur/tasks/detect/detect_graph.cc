// A detector as a graph.
#include "recur/ops/cast.h"
#include "recur/ops/unary.h"
#include "recur/tasks/detect/detect_trained.h"
#include "recur/tasks/trained_graph.h"

namespace recur {

TrainedGraph DetectTrained::graph(const GraphRequest& request) const {
  part_of(request, info().name);
  refuse_stateful(request,
                  "the graph of a unidirectional detector already has states in and out: call it with one step");
  const bool causal = model_.is_causal();
  const std::string& method = options_.model.method;
  GraphOutline outline(model_);
  outline.numbers("x", {"T", "B", encoder_.features()},
                  method == "forecast" ? "scaled channels, indicators of missing values and statics of the step before"
                                       : "scaled channels, indicators of missing values and statics");
  outline.lengths("lengths", "B", "T", "steps of each window, 0 to T");
  const size_t states = causal ? outline.states(model_.rnn()) : 0;
  if (method == "classify")
    outline.output("probabilities", "of an anomaly at each step");
  else
    outline.output(method == "forecast" ? "forecast" : "reconstruction", "of each channel at each step, scaled");
  if (causal) outline.output_states(model_.rnn());
  if (method != "classify")
    outline.note(
        "The score of a step, which is computed from its errors and the calibration of the model, is not in the "
        "graph.");
  return std::move(outline).trace([&](const Tensors& in) {
    RunOptions run{.mode = Mode::evaluation()};
    if (causal) run.state = states_of(in, states, model_.rnn());
    const RecurrentOutput out = model_({.x = in[0], .lengths = to_lengths(in[1])}, run);
    const Tensor y = cast(out.y, DType::kF32);
    Tensors all{method == "classify" ? sigmoid(y) : y};
    if (!causal) return all;
    for (const Tensors& layer : out.state.layers) all.insert(all.end(), layer.begin(), layer.end());
    return all;
  });
}

}  // namespace recur
