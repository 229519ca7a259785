#include "recur/data/text/word_tokenizer.h"

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/utf8.h"
#include "recur/data/text/words.h"

namespace recur {
namespace {

constexpr std::string_view kUnknown = "<unk>", kLineEnd = "<eos>";

WordCounter count_words(const TextSource& source, TextRange range, const TokenizerOptions& options) {
  WordCounter counter;
  const auto count = [&](std::string_view word) {
    if (word != "\n") {
      counter.add(word);
    } else if (options.line_end_symbol) {
      counter.add(kLineEnd);
    }
  };
  source.for_each_utf8_block(range, [&](const TextBlock& block) {
    for_each_word(block.text, options.lower_case, count);
    if (block.ends_file && !block.text.ends_with('\n')) count("\n");
    return true;
  });
  return counter;
}

}  // namespace

WordTokenizer::WordTokenizer(Vocabulary vocabulary, bool lower, bool line_end_symbol)
    : vocabulary_(std::move(vocabulary)), lower_(lower) {
  const auto need = [this](std::string_view word) {
    const auto id = vocabulary_.find(word);
    if (!id) fail("tokenizer: words: {} is missing", word);
    return *id;
  };
  unknown_ = need(kUnknown);
  if (line_end_symbol) line_end_ = need(kLineEnd);
}

WordTokenizer WordTokenizer::fit(const TextSource& source, TextRange range, const TokenizerOptions& options) {
  if (options.vocabulary > 0 && options.vocabulary < 3) {
    fail_usage("tokenizer: vocabulary: expected at least 3 words, got {}", options.vocabulary);
  }
  const WordCounter counter = count_words(source, range, options);
  std::vector<WordCounter::Entry> kept;
  // The two symbols stay whatever their counts; <unk> stands for all that is left out.
  int64_t unknown = counter.count(kUnknown), left_out = counter.total() - unknown;
  const bool limited = options.vocabulary > 0;
  int64_t room = options.vocabulary - 1 - (options.line_end_symbol ? 1 : 0);
  for (auto& entry : counter.ranked()) {
    if (entry.word == kUnknown) continue;
    const bool symbol = options.line_end_symbol && entry.word == kLineEnd;
    if (!symbol && (entry.count < options.min_count || (limited && room-- <= 0))) continue;
    left_out -= entry.count;
    kept.push_back(std::move(entry));
  }
  kept.push_back({std::string(kUnknown), unknown + left_out});
  std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.count > b.count; });
  std::vector<std::string> words;
  words.reserve(kept.size());
  for (auto& entry : kept) words.push_back(std::move(entry.word));
  return WordTokenizer(Vocabulary(std::move(words)), options.lower_case, options.line_end_symbol);
}

WordTokenizer WordTokenizer::from_json(const Json& json) {
  return WordTokenizer(Vocabulary(json.at("words").get<std::vector<std::string>>()), json.at("lower_case").get<bool>(),
                       json.at("line_end_symbol").get<bool>());
}

void WordTokenizer::encode(std::string_view text, std::vector<int32_t>& out) const {
  if (const size_t at = find_invalid_utf8(text); at != kNoPosition) fail("tokenizer: invalid UTF-8 at offset {}", at);
  for_each_word(text, lower_, [&](std::string_view word) {
    if (word != "\n") {
      out.push_back(vocabulary_.find(word).value_or(unknown_));
    } else if (line_end_) {
      out.push_back(*line_end_);
    }
  });
}

std::string WordTokenizer::piece(int32_t id, std::optional<int32_t> previous) const {
  if (id == line_end_) return "\n";
  const bool starts_line = !previous || previous == line_end_;
  return (starts_line ? "" : " ") + vocabulary_.word(id);
}

std::string WordTokenizer::serialize() const {
  return Json{{"kind", kKind},
              {"line_end_symbol", line_end_.has_value()},
              {"lower_case", lower_},
              {"words", vocabulary_.words()}}
      .dump();
}

}  // namespace recur
