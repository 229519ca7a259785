// A trained writer: network, characters, the scale of its moves.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/data/strokes/coordinates.h"
#include "recur/data/strokes/writings.h"
#include "recur/tasks/synthesize/handwriting/move_density.h"
#include "recur/tasks/synthesize/handwriting/writer_model.h"
#include "recur/tasks/synthesize/named_texts.h"
#include "recur/tasks/synthesize/speech_text.h"
#include "recur/tasks/trained.h"

namespace recur {

struct WriterKnowledge {
  SpeechText text;
  double scale = 1;                     // the network's moves are those of the data by this
  double points_per_symbol = 25;        // of the training writings
  std::optional<int64_t> longest_text;  // of these, in characters; nothing: the model does not say
  MoveDensity gaussian, mixture;        // of its moves, scaled: baselines
};
Assets assets_of(const WriterKnowledge& knowledge);
// Throws Error: they are untrusted input.
WriterKnowledge read_writer_knowledge(const Assets& assets);
// Whether a model's assets are those of a writer, else of a speaker.
bool are_of_a_writer(const Assets& assets);

// What the numbers of strokes are: not auto.
Coordinates coordinates_of(const HandwritingOptions& options);

// A text as symbols, and its moves, scaled.
struct EncodedWriting {
  SpeechSymbols symbols;
  PenMoves moves;
};

class WriterTrained : public TrainedOf<WriterTrained, SynthesizeOptions> {
 public:
  WriterTrained(const SynthesizeOptions& options, WriterKnowledge knowledge, Random& random);

  const TaskInfo& info() const override;
  void declare_use(Config& config) override { config.add(options_.pen, "Evaluation"); }
  void declare_generate(Config& config) override { config.add(options_.pen.write, "Handwriting"); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // Rows of texts: how they were written.
  void predict(const DataFiles& data, Sink& out) const override;
  // Writes the prompt, line by line: a row and a picture.
  void generate(const GenerateOptions& options, Sink& out) const override;
  Description describe() const override;
  Assets assets() const override { return assets_of(knowledge_); }

  const WriterModel& network() const { return model_; }
  WriterModel& network() { return model_; }
  const WriterKnowledge& knowledge() const { return knowledge_; }

  EncodedWriting encode(const Writing& writing, SpeechGaps& gaps) const;
  // Of writings with symbols. With `examples`, a row for each.
  Evaluation measure(const std::vector<Writing>& writings, Sink* examples, bool says) const;

 private:
  void check_lengths(const std::vector<NamedText>& texts) const;
  void write_all(const std::vector<NamedText>& texts, uint64_t seed, Sink& out) const;

  WriterKnowledge knowledge_;
  WriterModel model_;
};

}  // namespace recur
