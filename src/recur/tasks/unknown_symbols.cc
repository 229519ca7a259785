#include "recur/tasks/unknown_symbols.h"

#include <algorithm>

#include "recur/base/log.h"

namespace recur {

void warn_of_unknown(const Tokenizer& tokenizer, int64_t unknown, int64_t symbols, std::string_view what) {
  if (unknown == 0 || tokenizer.kind() == "words") return;
  if (unknown == symbols) {
    log_warning("none of the symbols of {} is in the vocabulary of the model: all count as the unknown symbol", what);
    return;
  }
  log_warning("{} of {} symbols of {} {} not in the vocabulary of the model and {} as the unknown symbol", unknown,
              symbols, what, unknown == 1 ? "is" : "are", unknown == 1 ? "counts" : "count");
}

void warn_of_unknown(const Tokenizer& tokenizer, const std::vector<std::string>& texts, std::string_view what) {
  if (!tokenizer.unknown()) return;
  int64_t unknown = 0, symbols = 0;
  for (const std::string& text : texts) {
    const std::vector<int32_t> ids = tokenizer.encode(text);
    unknown += std::ranges::count(ids, *tokenizer.unknown());
    symbols += std::ssize(ids);
  }
  warn_of_unknown(tokenizer, unknown, symbols, what);
}

}  // namespace recur
