// What a model of transcription hears, and how good that is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/decode/ctc_search.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/transcribe/sound_set.h"
#include "recur/tasks/transcribe/transcribe_encoder.h"
#include "recur/tasks/transcribe/transcribe_model.h"

namespace recur {

// A network and what it needs; all must outlive this.
struct Transcriber {
  const TranscribeModel& model;
  const TranscribeEncoder& encoder;
  const TranscribeOptions& options;
  int64_t rate;
  const PrefixScorer* scorer = nullptr;
};

// A word that was heard.
struct HeardWord {
  std::string text;
  double begin = 0, end = 0;  // in seconds
  double confidence = 0;      // geometric mean of the largest probabilities of its symbols, 0 .. 1
};

struct Heard {
  std::string text;
  double score = 0;       // of the search
  double confidence = 0;  // geometric mean over the symbols, 1 of none
  std::vector<HeardWord> words;
};

// Throws UsageError for options of the search that do not fit each other.
void check_search(const Transcriber& transcriber);

// The best predictions of each sound, as many as the options ask for, best first.
std::vector<std::vector<Heard>> transcribe(const Transcriber& transcriber, const SoundSet& sounds);

// The loss in nats per symbol and the error rates of what is heard. With `rows`, writes one a sound. `show_worst`: with
// a table of the utterances with most errors. A text that does not fit into its sound has no loss: such are counted.
Evaluation measure(const Transcriber& transcriber, const SoundSet& sounds, Sink* rows = nullptr,
                   bool show_worst = false);

// The columns of predictions, and the rows of one sound.
std::vector<std::string> prediction_columns(const TranscribeUseOptions& options);
void write_predictions(const TranscribeUseOptions& options, const std::string& name, std::span<const Heard> heard,
                       Sink& out);

}  // namespace recur
