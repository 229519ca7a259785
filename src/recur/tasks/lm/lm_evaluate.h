// How well a language model predicts a text.
#pragma once

#include "recur/data/text/corpus.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/lm/lm_model.h"
#include "recur/tasks/lm/lm_options.h"

namespace recur {

// Every symbol but the first is predicted once from all before it in its stream; <eos> counts as a symbol. The streams
// are few and long (LmUseOptions), since each starts without context. Metrics: loss (nats per symbol), perplexity
// (per symbol) and bits_per_character (of the text; per byte for bytes).
// `warns` of symbols that the model does not know.
Evaluation evaluate_lm(const LmModel& model, const Corpus& corpus, const LmUseOptions& options, bool warns = true);

}  // namespace recur
