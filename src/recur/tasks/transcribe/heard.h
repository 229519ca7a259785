// What was heard in a sound, as words with their times.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "recur/tasks/sink.h"
#include "recur/tasks/transcribe/transcribe_encoder.h"
#include "recur/tasks/transcribe/transcribe_head.h"

namespace recur {

// A word that was heard.
struct HeardWord {
  std::string text;
  double begin = 0, end = 0;  // in seconds
  double confidence = 0;      // geometric mean of the largest probabilities of its symbols, 0 .. 1
};

struct Heard {
  std::string text;
  double score = 0;       // of the search
  double confidence = 0;  // geometric mean over the symbols; of none, that there are none
  std::vector<HeardWord> words;
};

// Words made of symbols, one symbol after the other. The encoder must outlive it.
class WordGatherer {
 public:
  // step_seconds: from one step of the network to the next.
  WordGatherer(const TranscribeEncoder& encoder, double step_seconds) : encoder_(encoder), seconds_(step_seconds) {}

  void add(const SaidSymbol& said);
  // The word that is being said has ended.
  void end_word();
  // Words that have ended since this was last asked.
  std::vector<HeardWord> take() { return std::exchange(words_, {}); }

 private:
  const TranscribeEncoder& encoder_;
  double seconds_;
  std::optional<int32_t> last_;
  std::vector<HeardWord> words_;
  HeardWord word_;       // that is being said; "": none
  double sum_ = 0;       // of ln of the probabilities of its symbols
  int64_t symbols_ = 0;  // of it
};

Heard heard_of(const TranscribeEncoder& encoder, const SaidText& said, double step_seconds);

// The columns of predictions, and the rows of one sound.
std::vector<std::string> prediction_columns(const TranscribeUseOptions& options);
void write_predictions(const TranscribeUseOptions& options, const std::string& name, std::span<const Heard> heard,
                       Sink& out);

}  // namespace recur
