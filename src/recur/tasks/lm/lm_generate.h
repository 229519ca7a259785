// Text generation with a language model.
#pragma once

#include "recur/data/text/tokenizer.h"
#include "recur/tasks/generation.h"
#include "recur/tasks/lm/lm_model.h"
#include "recur/tasks/sink.h"

namespace recur {

// Reads the prompt (without one, the end of a line), then samples symbols one by one and outputs the text that each
// adds. The unknown symbol is never sampled.
void generate_text(const LmModel& model, const Tokenizer& tokenizer, const GenerateOptions& options, Sink& out);

}  // namespace recur
