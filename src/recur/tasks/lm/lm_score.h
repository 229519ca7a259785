// How probable a language model finds each line of a text.
#pragma once

#include "recur/data/text/text_source.h"
#include "recur/data/text/tokenizer.h"
#include "recur/tasks/lm/lm_model.h"
#include "recur/tasks/sink.h"

namespace recur {

// Columns line, symbols, loss (nats a symbol) and perplexity, a row for each line that is not empty. Lines are
// independent of each other: each follows the beginning of a text, and its end counts as a symbol where it is one.
void score_lines(const LmModel& model, const Tokenizer& tokenizer, const TextSource& source, Sink& rows);

// The symbol that stands before a text: what ends a line, or the last of the vocabulary when it has none.
int32_t beginning_symbol(const Tokenizer& tokenizer);

}  // namespace recur
