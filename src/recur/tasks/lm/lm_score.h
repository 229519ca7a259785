// The loss of a language model on each line of a text.
#pragma once

#include "recur/data/text/text_source.h"
#include "recur/data/text/tokenizer.h"
#include "recur/tasks/lm/lm_model.h"
#include "recur/tasks/sink.h"

namespace recur {

// Columns line, symbols, loss (nats per symbol) and perplexity, a row for each line that is not empty. Lines are
// independent of each other: each follows the beginning of a text, and its end counts as a symbol where it is one.
void score_lines(const LmModel& model, const Tokenizer& tokenizer, const TextSource& source, Sink& rows);

// The symbol before the beginning of a text: the line end, or the last symbol of the vocabulary if there is none.
int32_t beginning_symbol(const Tokenizer& tokenizer);

}  // namespace recur
