// A language model of task lm in the search for what is said (shallow fusion, Gulcehre et al. 2015).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/text/tokenizer.h"
#include "recur/decode/ctc_search.h"
#include "recur/tasks/lm/lm_steps.h"
#include "recur/tasks/lm/lm_trained.h"

namespace recur {

struct NeuralScorerOptions {
  double weight = 0.5;  // of ln(probability)
  double bonus = 0;     // for each word
};

// Adds what the model gives for a text: symbol by symbol where its symbols are characters or bytes, else word by word
// as they end. A text is a line: it begins behind the symbol that ends lines, and that ends it, where the model has
// one.
class NeuralScorer : public PrefixScorer {
 public:
  // `tokens` make the text.
  NeuralScorer(std::shared_ptr<const LmTrained> model, std::shared_ptr<const Tokenizer> tokens,
               const NeuralScorerOptions& options);

  State start() const override;
  double add(const State& before, int32_t symbol, State& after) const override;
  double end(const State& state) const override;

 private:
  class Node;    // of the model, after some of its symbols
  struct Place;  // in a text

  double take_letters(Place& place, std::string_view piece) const;
  double take_words(Place& place, std::string_view piece) const;
  double end_word(Place& place) const;
  double say(Place& place, const std::vector<int32_t>& symbols) const;

  std::shared_ptr<const LmTrained> model_;
  std::shared_ptr<const Tokenizer> tokens_;
  NeuralScorerOptions options_;
  LmSteps steps_;
  bool by_letters_;
  std::optional<int32_t> line_end_;  // of the model
  std::shared_ptr<const Node> start_;
};

// The sum of several.
class ScorerSum : public PrefixScorer {
 public:
  explicit ScorerSum(std::vector<std::unique_ptr<PrefixScorer>> parts) : parts_(std::move(parts)) {}

  State start() const override;
  double add(const State& before, int32_t symbol, State& after) const override;
  double end(const State& state) const override;

 private:
  std::vector<std::unique_ptr<PrefixScorer>> parts_;
};

// The model in a file; throws Error where it is none of a language.
std::shared_ptr<const LmTrained> read_language_model(const std::string& path);

}  // namespace recur
