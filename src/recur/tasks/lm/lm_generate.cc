#include "recur/tasks/lm/lm_generate.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/utf8.h"
#include "recur/decode/draw.h"
#include "recur/tasks/lm/lm_score.h"
#include "recur/tasks/lm/lm_steps.h"

namespace recur {
namespace {

std::vector<int32_t> encode_prompt(const Tokenizer& tokenizer, const std::string& prompt) {
  if (const size_t at = find_invalid_utf8(prompt); tokenizer.needs_utf8() && at != kNoPosition) {
    fail("prompt: invalid UTF-8 at offset {}", at);
  }
  std::vector<int32_t> ids = tokenizer.encode(prompt);
  const auto unknown = tokenizer.unknown() ? std::ranges::count(ids, *tokenizer.unknown()) : 0;
  if (unknown > 0) {
    log_warning("prompt: {} of {} {} not in the vocabulary of the model", unknown,
                counted(std::ssize(ids), "symbol", "symbols"), unknown == 1 ? "is" : "are");
  }
  return ids;
}

}  // namespace

void generate_text(const LmModel& model, const Tokenizer& tokenizer, const GenerateOptions& options, Sink& out) {
  std::vector<int32_t> ids = encode_prompt(tokenizer, options.prompt);
  std::optional<int32_t> previous;
  if (ids.empty()) {
    ids = {beginning_symbol(tokenizer)};
  } else {
    previous = ids.back();
  }
  const LmSteps steps(model, std::span(ids).first(ids.size() - 1), tokenizer.unknown());
  Random random(options.seed);
  draw(steps, {.first = ids.back(), .length = options.length, .sampling = options.sampling}, random,
       [&](int32_t symbol) {
         const bool goes_on = out.text(tokenizer.piece(symbol, previous));
         previous = symbol;
         return goes_on;
       });
}

}  // namespace recur
