// A classifier as a graph.
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/ops/unary.h"
#include "recur/tasks/classify/classify_trained.h"
#include "recur/tasks/trained_graph.h"

namespace recur {

TrainedGraph ClassifyTrained::graph(const GraphRequest& request) const {
  part_of(request, info().name);
  refuse_stateful(request, "a classifier reads whole sequences");
  const bool is_value = targets_.is_value();
  const int64_t outputs = targets_.outputs();
  const NgramPath* path = model_.ngrams();
  GraphOutline outline(model_);
  if (encoder_.is_text())
    outline.symbols("ids", {"T", "B"}, encoder_.features(), "symbols, by their numbers in the vocabulary");
  else
    outline.numbers("x", {"T", "B", encoder_.features()}, "scaled channels, indicators of missing values, statics");
  outline.lengths("lengths", "B", "T", "steps of each sequence, 0 to T");
  const size_t of_path = path == nullptr ? 0
                                         : outline.numbers("path", {"B", outputs},
                                                           "scores of the linear path, by the n-grams of the text");
  if (path != nullptr)
    outline.note(
        "The n-grams of texts are not in the graph: their scores, which docs/formats.md defines, are an input.");
  if (is_value)
    outline.output("value", "in the units of the data");
  else
    outline.output("probabilities", "of the classes, in the order of the model's");
  return std::move(outline).trace([&](const Tensors& in) -> Tensors {
    const Tensor answer = model_.answer({.x = in[0], .lengths = to_lengths(in[1])}, is_value);
    if (is_value) {
      const Affine& scale = targets_.scale();
      const double shift = targets_.value_of(0);  // an offset too
      return {cast(cast(answer, DType::kF64) * double{scale.scale} + shift, DType::kF32)};
    }
    if (const KernelPath* kernels = model_.kernels()) {
      const Tensor scores = (*kernels)(cast(in[0], DType::kF32), to_lengths(in[1]));
      return {softmax(answer * kernels->mix().network_share() + scores * kernels->mix().path_share())};
    }
    if (path == nullptr) return {exp(answer)};
    const PathMix& mix = path->mix();
    return {softmax(answer * mix.network_share() + cast(in[of_path], DType::kF32) * mix.path_share())};
  });
}

}  // namespace recur
