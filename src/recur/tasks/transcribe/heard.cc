#include "recur/tasks/transcribe/heard.h"

#include <cmath>

#include "recur/base/json.h"

namespace recur {

void WordGatherer::add(const SaidSymbol& said) {
  const std::string whole = encoder_.tokens().piece(said.symbol, last_);
  std::string_view piece = whole;
  last_ = said.symbol;
  if (piece.starts_with(' ')) end_word();
  while (piece.starts_with(' ')) piece.remove_prefix(1);
  if (piece.empty()) return;
  if (word_.text.empty()) {
    word_.begin = static_cast<double>(said.begin) * seconds_;
    sum_ = 0;
    symbols_ = 0;
  }
  word_.text += piece;
  word_.end = static_cast<double>(said.end) * seconds_;
  sum_ += said.log_probability;
  ++symbols_;
}

void WordGatherer::end_word() {
  if (word_.text.empty()) return;
  word_.confidence = std::exp(sum_ / static_cast<double>(symbols_));
  words_.push_back(std::exchange(word_, {}));
}

Heard heard_of(const TranscribeEncoder& encoder, const SaidText& said, double step_seconds) {
  Heard out{.text = "", .score = said.score, .confidence = std::exp(std::min(said.score, 0.0)), .words = {}};
  WordGatherer words(encoder, step_seconds);
  std::vector<int32_t> symbols;
  double sum = 0;
  for (const SaidSymbol& each : said.symbols) {
    words.add(each);
    symbols.push_back(each.symbol);
    sum += each.log_probability;
  }
  words.end_word();
  out.text = encoder.text(symbols);
  out.words = words.take();
  if (!symbols.empty()) out.confidence = std::exp(sum / static_cast<double>(symbols.size()));
  return out;
}

std::vector<std::string> prediction_columns(const TranscribeUseOptions& options) {
  std::vector<std::string> columns{"sound"};
  if (options.n_best > 1) columns.emplace_back("rank");
  columns.insert(columns.end(), {"prediction", "confidence", "score"});
  if (options.word_times) columns.emplace_back("words");
  return columns;
}

void write_predictions(const TranscribeUseOptions& options, const std::string& name, std::span<const Heard> heard,
                       Sink& out) {
  for (size_t k = 0; k < heard.size(); ++k) {
    std::vector<TableCell> cells{name};
    if (options.n_best > 1) cells.emplace_back(static_cast<int64_t>(k) + 1);
    cells.emplace_back(heard[k].text);
    cells.emplace_back(heard[k].confidence);
    cells.emplace_back(heard[k].score);
    if (options.word_times) {
      Json words = Json::array();
      const auto rounded = [](double x) { return std::round(x * 1e4) / 1e4; };
      for (const HeardWord& word : heard[k].words) {
        words.push_back(Json{{"word", word.text},
                             {"begin", rounded(word.begin)},
                             {"end", rounded(word.end)},
                             {"confidence", rounded(word.confidence)}});
      }
      cells.emplace_back(words.dump(BadUtf8::kReplace));
    }
    out.row(cells);
  }
}

}  // namespace recur
