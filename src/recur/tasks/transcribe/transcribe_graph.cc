// A transcriber as a graph.
#include "recur/base/error.h"
#include "recur/tasks/trained_graph.h"
#include "recur/tasks/transcribe/ctc_head.h"
#include "recur/tasks/transcribe/transcribe_trained.h"

namespace recur {

TrainedGraph TranscribeTrained::graph(const GraphRequest& request) const {
  part_of(request, info().name);
  refuse_stateful(request, "a transcriber reads whole sounds");
  const auto* ctc = dynamic_cast<const CtcHead*>(&model_.head());
  if (ctc == nullptr) {
    fail_usage("export: a transcriber can be exported only with output = ctc; this one has {}", options_.model.output);
  }
  GraphOutline outline(model_);
  outline.numbers("x", {"T", "B", feature_width(options_.features, options_.data.rate)}, "features of each frame");
  outline.lengths("lengths", "B", "T", "frames of each sound, 0 to T");
  outline.output("log_probabilities", "natural logarithms of the probabilities of each symbol, the blank included");
  outline.output("steps", "steps of each sound after subsampling");
  outline.note("The features of sounds and the search for what was said are not in the graph.");
  return std::move(outline).trace([&](const Tensors& in) {
    const EncodedSounds encoded = model_.encode({.x = in[0], .lengths = to_lengths(in[1])}, Mode::evaluation());
    const Tensor steps = tracing()->lengths(encoded.lengths, encoded.y.size(0));
    return Tensors{ctc->log_probabilities(encoded.y, {}), steps};
  });
}

}  // namespace recur
