#include "recur/tasks/translate/search_guides.h"

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/line_reader.h"
#include "recur/tasks/lm/lm_steps.h"
#include "recur/tasks/lm/lm_trained.h"

namespace recur {
namespace {

// A symbol as a text: what it adds behind some other one, so that the beginning of a word is told from its middle; of a
// word, the word.
std::string text_of(const Tokenizer& tokenizer, int32_t symbol) {
  return tokenizer.piece(symbol, tokenizer.kind() == "words" ? std::nullopt : std::optional<int32_t>(0));
}

// The symbols of a text that can be said.
std::vector<int32_t> said(const TranslateEncoder& encoder, const std::string& text, const std::string& where) {
  std::vector<int32_t> symbols = encoder.target(text);
  const auto unknown = encoder.target_tokens().unknown();
  if (unknown && std::ranges::count(symbols, *unknown) > 0) {
    fail("{}: '{}' has tokens that are not in the target's vocabulary", where, text);
  }
  return symbols;
}

int32_t end_of_line(const Tokenizer& language) {
  if (const auto end = language.line_end()) return *end;
  const std::vector<int32_t> newline = language.kind() == "subwords" ? std::vector<int32_t>() : language.encode("\n");
  if (newline.size() != 1 || newline[0] == language.unknown()) {
    fail_usage("lm: the language model has no symbol for the end of a line, which is where a prediction ends");
  }
  return newline[0];
}

}  // namespace

SearchGuides::SearchGuides(const TranslateEncoder& encoder, const TranslateUseOptions& options) {
  read_allowed(encoder, options);
  read_language(encoder, options);
}

SearchGuides::~SearchGuides() = default;

void SearchGuides::read_allowed(const TranslateEncoder& encoder, const TranslateUseOptions& options) {
  if (!options.allowed.empty() && !options.prefix.empty()) {
    fail_usage("expected one of allowed and prefix, got both");
  }
  if (!options.prefix.empty()) {
    const std::vector<int32_t> symbols = said(encoder, options.prefix, "prefix");
    if (symbols.empty()) return;
    allowed_ = SymbolTrie::begins_with(symbols);
    least_room_ = std::ssize(symbols);
  }
  if (options.allowed.empty()) return;
  std::vector<std::vector<int32_t>> texts;
  LineReader lines{DataFile(options.allowed)};
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    texts.push_back(said(encoder, std::string(line), fmt::format("{}:{}", options.allowed, lines.line())));
    least_room_ = std::max(least_room_, std::ssize(texts.back()));
  }
  if (texts.empty()) fail("{}: expected a text on each line, got none", options.allowed);
  allowed_ = SymbolTrie::one_of(texts);
}

void SearchGuides::read_language(const TranslateEncoder& encoder, const TranslateUseOptions& options) {
  if (options.lm.empty()) return;
  language_ = load_trained(options.lm);
  const auto* lm = dynamic_cast<const LmTrained*>(language_.get());
  if (lm == nullptr) fail("lm: {}: expected a model of the task lm, got one of {}", options.lm, language_->info().name);
  const Tokenizer &own = encoder.target_tokens(), &other = lm->tokenizer();
  if (own.kind() != other.kind()) {
    fail("lm: {}: its symbols are {}, those of the target {}", options.lm, other.kind(), own.kind());
  }
  std::unordered_map<std::string, int32_t> symbols;
  for (int32_t s = 0; s < other.size(); ++s) symbols.emplace(text_of(other, s), s);
  int64_t missing = 0;
  for (int32_t s = 0; s < own.size(); ++s) {
    const auto found = symbols.find(text_of(own, s));
    const bool known = found != symbols.end() && other.unknown() != found->second;
    same_.push_back(known ? found->second : -1);
    missing += known || own.unknown() == s ? 0 : 1;  // the unknown symbol is never said
  }
  same_.push_back(end_of_line(other));
  if (missing > 0) {
    log_info("lm: {} of {} symbols of the target are not among the {} of the language model", missing, own.size(),
             other.size());
  }
  language_steps_ = std::make_unique<const LmSteps>(lm->network(), std::span<const int32_t>(), std::nullopt);
  weight_ = options.lm_weight;
}

std::unique_ptr<const StepModel> SearchGuides::fused(const StepModel& model) const {
  if (language_steps_ == nullptr) return nullptr;
  return std::make_unique<const FusedSteps>(model, *language_steps_, weight_, same_);
}

}  // namespace recur
