// A language model as a graph.
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/tasks/lm/lm_trained.h"
#include "recur/tasks/trained_graph.h"

namespace recur {

TrainedGraph LmTrained::graph(const GraphRequest& request) const {
  part_of(request, info().name);
  const bool step = request.stateful;
  GraphOutline outline(model_);
  const size_t ids = outline.symbols("ids", step ? std::vector<Size>{"B"} : std::vector<Size>{"T", "B"},
                                     model_.vocabulary(), "symbols, by their numbers in the vocabulary");
  const size_t lengths = step ? 0 : outline.lengths("lengths", "B", "T", "steps of each sequence, 0 to T");
  const size_t states = outline.states(model_.rnn());
  outline.output("log_probabilities", "natural logarithms of the probabilities of the next symbol");
  outline.output_states(model_.rnn());
  return std::move(outline).trace([&](const Tensors& in) {
    RunOptions run{.state = states_of(in, states, model_.rnn()), .mode = Mode::evaluation()};
    if (!step) run.lengths = to_lengths(in[lengths]);
    const Tensor read = step ? reshape(in[ids], {1, in[ids].size(0)}) : in[ids];
    const LmModel::Output out = model_(read, run);
    const Tensor said = log_softmax(cast(model_.logits(out.features), DType::kF32));
    Tensors all{step ? reshape(said, {said.size(1), said.size(2)}) : said};
    for (const Tensors& layer : out.state.layers) all.insert(all.end(), layer.begin(), layer.end());
    return all;
  });
}

}  // namespace recur
