// What a model of transcription hears, and how good that is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/transcribe/heard.h"
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

  // The time of a step of the network.
  double step_seconds() const;
};

// How its head searches.
HeadSearch search_of(const Transcriber& transcriber);

// Throws UsageError for options of the search that do not fit each other or the model.
void check_search(const Transcriber& transcriber);

// The best predictions of each sound, as many as the options ask for, best first.
std::vector<std::vector<Heard>> transcribe(const Transcriber& transcriber, const SoundSet& sounds);

// The loss in nats per symbol and the error rates of what is heard. With `rows`, writes one a sound. `show_worst`: with
// a table of the utterances with most errors. A text that does not fit into its sound has no loss: such are counted.
Evaluation measure(const Transcriber& transcriber, const SoundSet& sounds, Sink* rows = nullptr,
                   bool show_worst = false);

}  // namespace recur
