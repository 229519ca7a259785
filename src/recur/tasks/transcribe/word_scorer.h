// What is known of the words of a language, in the search for what is said: an n-gram model, a list of words, or both.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "recur/data/text/tokenizer.h"
#include "recur/data/text/word_model.h"
#include "recur/decode/ctc_search.h"

namespace recur {

struct WordScorerOptions {
  double weight = 0.5;  // of the model's ln(probability): shallow fusion
  double bonus = 0;     // for each word: without it a model prefers few words
};

// Scores words as they end; words out of the list are forbidden as soon as no word of it begins like that.
class WordScorer : public PrefixScorer {
 public:
  // `model` and `lexicon` may be missing, but not both; the symbols of `tokens` make the words.
  WordScorer(std::shared_ptr<const WordModel> model, std::vector<std::string> lexicon,
             std::shared_ptr<const Tokenizer> tokens, const WordScorerOptions& options);

  State start() const override;
  double add(const State& before, int32_t symbol, State& after) const override;
  double end(const State& state) const override;

 private:
  struct Place;  // in a text: the words before, and what there is of the next one

  double take(Place& place, std::string_view piece) const;
  double end_word(Place& place) const;

  std::shared_ptr<const WordModel> model_;
  std::vector<std::string> lexicon_;  // sorted
  std::shared_ptr<const Tokenizer> tokens_;
  WordScorerOptions options_;
};

// The words of a lexicon: the first of each line, so that a list with pronunciations will do.
std::vector<std::string> read_lexicon(const DataFile& file);

}  // namespace recur
