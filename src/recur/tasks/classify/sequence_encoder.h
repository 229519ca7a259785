// Encodes sequences for a network: texts as symbol ids, series as scaled features. It is fitted on the training part of
// the data only, and stored in the model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/text/text_ngrams.h"
#include "recur/data/text/tokenizer.h"
#include "recur/tasks/classify/classify_source.h"
#include "recur/tasks/series_encoder.h"

namespace recur {

struct EncodedSequence {
  std::vector<int32_t> symbols = {};  // [T] of a text
  std::vector<float> values = {};     // [T, F] of a series
  int64_t steps = 0;                  // T
  int64_t features = 0;               // F of a series, 0 of a text
  bool cut = false;                   // of a text that has more
  int64_t whole = 0;                  // symbols of all of a text, of which `head` before the cut are here, and the last
  int64_t head = 0;
};

// Whether texts are split into words: also where that was left to the data ("auto") and not chosen.
bool reads_words(const TokenizerOptions& tokens);

class SequenceEncoder {
 public:
  // `train`: the indices of the examples of the training part.
  static SequenceEncoder fit(const ClassifySource& source, std::span<const int64_t> train,
                             const ClassifyDataOptions& options);

  bool is_text() const { return tokenizer_ != nullptr; }
  // V of a text, F of a series (SeriesEncoder::features()).
  int64_t features() const;
  const Tokenizer& tokenizer() const { return *tokenizer_; }
  // C of a series, the first of its features: the values.
  int64_t channels() const { return std::ssize(series_->channels()); }
  const Columns* columns() const { return is_text() ? nullptr : &series_->columns(); }
  const SeriesEncoder& series() const { return *series_; }  // REQUIRES: !is_text()
  const TextColumns& text_columns() const { return text_columns_; }

  // The n-grams of a text for the linear path: of words, or of the symbols where these are characters or bytes.
  struct NgramChoice {
    int64_t longest_characters = 0;  // within words
    bool places = false;             // symbols at their places
  };
  TextNgrams ngrams(const TextRow& row, const NgramChoice& choice) const;
  std::vector<PlacedNgram> placed_ngrams(const TextRow& row, const NgramChoice& choice) const;

  // The words of a text as it has them, where symbols are words; else none.
  std::vector<std::string> words(const TextRow& row) const;

  // Throws Error when a series has other channels, or static values that are not numbers.
  EncodedSequence encode(const ClassifySource& source, int64_t i) const;

  Description describe() const;
  Assets assets() const;
  SequenceEncoder(const Assets& assets, const ClassifyDataOptions& options);  // throws Error: they are untrusted input

 private:
  explicit SequenceEncoder(const ClassifyDataOptions& options);
  std::string text_of(const TextRow& row) const;
  void fit_text(const TextRows& texts, std::span<const int64_t> train, const TokenizerOptions& options);
  EncodedSequence encode_text(const TextRow& row) const;

  int64_t most_steps_;  // 0: no limit
  bool keeps_ends_;
  bool split_punctuation_, lower_case_;
  std::shared_ptr<const Tokenizer> tokenizer_;  // of texts
  TextColumns text_columns_;                    // where their columns have names
  std::optional<SeriesEncoder> series_;         // of series
};

}  // namespace recur
