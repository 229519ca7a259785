// The options of tokenizers, for every task that reads text.
#pragma once

#include <string>

#include "recur/base/config_field.h"
#include "recur/data/text/tokenizer.h"

namespace recur {

// What visit() functions call. `of` begins each help text, "Text: " where a task reads other things too.
template <class Visitor>
void visit_tokens(Visitor& v, TokenizerOptions& tokens, const std::string& of = "") {
  constexpr double kLarge = 1 << 30;
  v("tokens", tokens.kind, of + "what a symbol is", OneOf{"bytes", "chars", "words", "subwords"});
  v("vocabulary", tokens.vocabulary, of + "most symbols: words 0 for all; subwords 0 for 8000", Range{0, kLarge});
  v("min_count", tokens.min_count, of + "rarer words and characters become the unknown symbol", Range{1, kLarge});
  v("lower_case", tokens.lower_case, of + "words: capital letters as small ones");
  v("subword_model", tokens.model, of + "how subwords are found", OneOf{"unigram", "bpe"});
  v("subword_sample", tokens.sample_bytes, of + "bytes of the text that subwords are found in", Range{1000, 1e12});
}

}  // namespace recur
