// A network of diagnosis as a graph.
#include "recur/ops/cast.h"
#include "recur/ops/slice.h"
#include "recur/ops/unary.h"
#include "recur/tasks/diagnose/diagnose_trained.h"
#include "recur/tasks/trained_graph.h"

namespace recur {

TrainedGraph DiagnoseTrained::graph(const GraphRequest& request) const {
  part_of(request, info().name);
  refuse_stateful(request, "the input of a step depends on the measurements before it and their times");
  const int64_t channels = encoder_.channels(), statics = encoder_.statics();
  GraphOutline outline(model_);
  outline.numbers("values", {"T", "B", channels}, "scaled, the last known value where nothing was measured");
  outline.numbers("masks", {"T", "B", channels}, "1 where something was measured, else 0");
  outline.numbers("elapsed", {"T", "B", channels}, "time since the last measurement, in units of its usual value");
  outline.lengths("lengths", "B", "T", "steps of each record, 0 to T");
  if (statics > 0) outline.numbers("statics", {"B", statics}, "scaled static columns");
  outline.output("probabilities", "of each label at each step, by what is known until then");
  return std::move(outline).trace([&](const Tensors& in) {
    const RecordBatch batch{.values = in[0],
                            .masks = in[1],
                            .elapsed = in[2],
                            .statics = statics > 0 ? in[4] : Tensor(),
                            .lengths = to_lengths(in[3])};
    const Tensor logits = cast(model_(batch, Mode::evaluation()), DType::kF32);
    const bool all = labels_.predicted() == labels_.size();
    return Tensors{sigmoid(all ? logits : slice(logits, {2, 0}, labels_.predicted()))};
  });
}

}  // namespace recur
