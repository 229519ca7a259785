// A tagger as a graph.
#include "recur/ops/cast.h"
#include "recur/tasks/tag/tag_trained.h"
#include "recur/tasks/trained_graph.h"

namespace recur {

TrainedGraph TagTrained::graph(const GraphRequest& request) const {
  part_of(request, info().name);
  refuse_stateful(request, "a tagger reads whole sentences");
  const TagSizes sizes = sizes_of(encoder_);
  const bool spells = options_.model.characters != "none";
  GraphOutline outline(model_);
  outline.symbols("words", {"T", "B"}, sizes.words, "words, by their numbers in the vocabulary");
  outline.lengths("lengths", "B", "T", "tokens of each sentence, 0 to T");
  if (spells) {
    outline.symbols("characters", {"S", "W"}, sizes.characters, "characters of the W different words");
    outline.lengths("character_lengths", "W", "S", "characters of each word");
    // Any number below W, of which there are a few at least.
    constexpr int64_t kFewWords = 4;
    outline.symbols("word_at", {"T", "B"}, kFewWords, "which of the W words each token is, 0 in the padding");
  }
  outline.output("tags", "the most probable tags, by their numbers; 0 in the padding");
  outline.output("probabilities", "of each tag at each token; 0 in the padding");
  outline.output("scores", "of each tag at each token, before those of transitions");
  return std::move(outline).trace([&](const Tensors& in) {
    TagBatch batch;
    batch.words = in[0];
    batch.lengths = to_lengths(in[1]);
    if (spells) {
      batch.characters = in[2];
      batch.character_lengths = to_lengths(in[3]);
      batch.word_at = in[4];
    }
    const Tensor scores = cast(model_(batch, Mode::evaluation()), DType::kF32);
    const TagModel::Answer answer = model_.answer(scores, in[1]);
    return Tensors{answer.tags, answer.probabilities, scores};
  });
}

}  // namespace recur
