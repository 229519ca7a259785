// What a model of translation says, and how good that is.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/decode/beam_search.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"
#include "recur/tasks/translate/attention_chart.h"
#include "recur/tasks/translate/search_guides.h"
#include "recur/tasks/translate/translate_encoder.h"
#include "recur/tasks/translate/translate_ensemble.h"

namespace recur {

// Networks and what they need; all must outlive this.
struct Translator {
  const TranslateEnsemble& model;
  const TranslateEncoder& encoder;
  const TranslateOptions& options;
  std::shared_ptr<const SearchGuides> guides = {};  // null: none
};

struct Translation {
  std::string text;
  double score = 0;                                // of the search
  std::vector<std::string> tokens = {};            // without the end
  std::vector<std::vector<float>> attention = {};  // [tokens + 1][source tokens + 1]; empty where nobody asks for it
};

// Of a prediction, with the ends shown.
AttentionPanel attention_panel(const Translator& translator, const std::string& source, const Translation& said);

// How a source is cut, of too many tokens; counts those that were.
struct Bounded {
  std::vector<int32_t> source;
  bool cut = false;
};
Bounded bounded_source(const Translator& translator, std::string_view text);

// The best predictions of each source, as many as the options ask for, best first. An empty source is predicted as an
// empty text.
std::vector<std::vector<Translation>> translate(const Translator& translator, std::span<const std::string> sources);

// The loss in nats per symbol, teacher forced, and the scores of what is predicted for the pairs. With `rows`, writes
// one a pair.
Evaluation measure(const Translator& translator, std::span<const TextPair> pairs, Sink* rows = nullptr);

// The loss over all pairs alone, and the scores of a greedy search for those of `sample`.
Evaluation measure_sample(const Translator& translator, std::span<const TextPair> pairs,
                          std::span<const int64_t> sample);

// The columns of predictions, and the rows of one source, whose number counts from 1.
std::vector<std::string> prediction_columns(const TranslateUseOptions& options);
void write_predictions(const Translator& translator, int64_t number, const std::string& source,
                       std::span<const Translation> predictions, Sink& out);

}  // namespace recur
