// What guides the search for translations beside the model: a list of what may be said, a beginning, a language model.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "recur/decode/fused_steps.h"
#include "recur/decode/symbol_trie.h"
#include "recur/tasks/translate/translate_encoder.h"
#include "recur/tasks/translate/translate_options.h"

namespace recur {

class LmSteps;
class Trained;

// Immutable once made: any number of threads may search with it.
class SearchGuides {
 public:
  // Reads the files that the options name; throws where they do not fit the target's symbols.
  SearchGuides(const TranslateEncoder& encoder, const TranslateUseOptions& options);
  ~SearchGuides();

  const SymbolTrie* allowed() const { return allowed_ ? &*allowed_ : nullptr; }
  // Symbols that the longest of what must be said has.
  int64_t least_room() const { return least_room_; }
  // The model with the language model beside it; null without one. The model must outlive it, as must this.
  std::unique_ptr<const StepModel> fused(const StepModel& model) const;

 private:
  void read_allowed(const TranslateEncoder& encoder, const TranslateUseOptions& options);
  void read_language(const TranslateEncoder& encoder, const TranslateUseOptions& options);

  std::optional<SymbolTrie> allowed_;
  int64_t least_room_ = 0;
  std::unique_ptr<Trained> language_;
  std::unique_ptr<const LmSteps> language_steps_;
  double weight_ = 0;
  std::vector<int32_t> same_;  // the language model's symbol of each target symbol, -1: none
};

}  // namespace recur
