// The options of tokenizers, for every task that reads text.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/data/text/tokenizer.h"
#include "recur/tasks/help_text.h"

namespace recur {

// Called by visit() functions. `of` begins the help texts: "Text: " in a task that reads other data too. Where the kind
// may be left to the data, `by_data` says what it is then.
template <class Visitor>
void visit_tokens(Visitor& v, TokenizerOptions& tokens, const std::string& of = "", const std::string& by_data = "") {
  constexpr double kLarge = 1 << 30;
  std::vector<std::string> kinds{"bytes", "chars", "words", "subwords"};
  if (!by_data.empty()) kinds.insert(kinds.begin(), "auto");
  v("tokens", tokens.kind,
    help_for(of, "Symbols that text is split into") + (by_data.empty() ? "" : "; auto: " + by_data),
    OneOf(std::move(kinds)));
  v("vocabulary", tokens.vocabulary, help_for(of, "Maximum vocabulary size; 0: no limit for words, 8000 for subwords"),
    Range{0, kLarge});
  v("min_count", tokens.min_count,
    help_for(of, "Minimum frequency; rarer words and characters become the unknown symbol"), Range{1, kLarge});
  v("lower_case", tokens.lower_case, help_for(of, "Convert words to lower case"));
  v("subword_model", tokens.model, help_for(of, "Subword algorithm: unigram (Kudo 2018) or bpe (Sennrich et al. 2016)"),
    OneOf{"unigram", "bpe"});
  v("subword_sample", tokens.sample_bytes, help_for(of, "Number of bytes of text to train the subword model on"),
    Range{1000, 1e12});
}

}  // namespace recur
