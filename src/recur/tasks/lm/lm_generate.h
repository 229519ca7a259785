// Text that a language model writes.
#pragma once

#include "recur/data/text/tokenizer.h"
#include "recur/tasks/generation.h"
#include "recur/tasks/lm/lm_model.h"
#include "recur/tasks/sink.h"

namespace recur {

// Reads the prompt (without one, the end of a line), then draws symbol after symbol and hands out what each adds to the
// text. The unknown symbol is never drawn.
void generate_text(const LmModel& model, const Tokenizer& tokenizer, const GenerateOptions& options, Sink& out);

}  // namespace recur
