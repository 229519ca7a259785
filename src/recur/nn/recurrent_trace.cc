// What a trace sees of a recurrent network: a node for each layer and direction, over padded sequences.
#include "recur/autograd/trace.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/concat.h"

namespace recur {
namespace {

bool draws(const RecurrentOptions& o, Mode mode) {
  for (const float p : {o.dropout, o.recurrent_dropout, o.weight_drop, o.zoneout, o.zoneout_inner})
    if (mode.dropout(p) > 0) return true;
  return false;
}

}  // namespace

RecurrentOutput Recurrent::run_traced(const Tensor& x, const RunOptions& run) const {
  if (draws(options_, run.mode)) fail("trace: a recurrent network with dropout: expected Mode::evaluation()");
  const Tensor lengths = tracing()->lengths(run.lengths, x.size(0));
  RecurrentOutput out{.y = x, .state = {}};
  for (size_t first = 0; first < layers_.size(); first += directions()) {
    Tensors sides;
    for (size_t i = first; i < first + directions(); ++i) {
      LayerOutput made = layers_[i]->run_traced({.x = out.y,
                                                 .lengths = lengths,
                                                 .decay = run.decay.empty() ? Tensor() : run.decay[i],
                                                 .states = run.state.defined() ? run.state.layers[i] : Tensors()});
      sides.push_back(std::move(made.y));
      out.state.layers.push_back(std::move(made.states));
    }
    out.y = concat(sides, 2);
  }
  return out;
}

}  // namespace recur
