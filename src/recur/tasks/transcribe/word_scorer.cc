#include "recur/tasks/transcribe/word_scorer.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

constexpr double kForbidden = -std::numeric_limits<double>::infinity();

}  // namespace

struct WordScorer::Place {
  std::vector<int32_t> history;  // the words that the next one depends on
  std::string word;              // what there is of it
  std::optional<int32_t> last;   // symbol
};

WordScorer::WordScorer(std::shared_ptr<const WordModel> model, std::vector<std::string> lexicon,
                       std::shared_ptr<const Tokenizer> tokens, const WordScorerOptions& options)
    : model_(std::move(model)), lexicon_(std::move(lexicon)), tokens_(std::move(tokens)), options_(options) {
  std::ranges::sort(lexicon_);
}

PrefixScorer::State WordScorer::start() const {
  auto place = std::make_shared<Place>();
  if (model_ != nullptr && model_->order() > 1) place->history.push_back(model_->begin());
  return place;
}

double WordScorer::add(const State& before, int32_t symbol, State& after) const {
  auto place = std::make_shared<Place>(*static_cast<const Place*>(before.get()));
  const double score = take(*place, tokens_->piece(symbol, place->last));
  place->last = symbol;
  after = std::move(place);
  return score;
}

double WordScorer::end(const State& state) const {
  Place place = *static_cast<const Place*>(state.get());
  const double score = end_word(place);
  return model_ == nullptr ? score : score + options_.weight * model_->log_probability_of_end(place.history);
}

double WordScorer::take(Place& place, std::string_view piece) const {
  double score = 0;
  for (const char c : piece) {
    if (c == ' ') {
      score += end_word(place);
    } else {
      place.word += c;
    }
  }
  if (lexicon_.empty() || place.word.empty()) return score;
  const auto at = std::ranges::lower_bound(lexicon_, place.word);
  return at != lexicon_.end() && at->starts_with(place.word) ? score : kForbidden;
}

double WordScorer::end_word(Place& place) const {
  if (place.word.empty()) return 0;
  if (!lexicon_.empty() && !std::ranges::binary_search(lexicon_, place.word)) return kForbidden;
  double score = options_.bonus;
  if (model_ != nullptr) {
    const auto word = model_->word(place.word);
    score += options_.weight * model_->log_probability(place.history, word);
    if (model_->order() > 1) {
      // What the model does not know stands for nothing: what comes behind it begins anew.
      if (word) {
        place.history.push_back(*word);
      } else {
        place.history.clear();
      }
      const auto most = static_cast<size_t>(model_->order() - 1);
      if (place.history.size() > most) place.history.erase(place.history.begin());
    }
  }
  place.word.clear();
  return score;
}

std::vector<std::string> read_lexicon(const DataFile& file) {
  LineReader lines(file);
  std::string_view line;
  std::vector<std::string> words;
  while (lines.next(line)) {
    line = trimmed(line);
    const std::string_view word = line.substr(0, std::min(line.find_first_of(" \t"), line.size()));
    if (!word.empty()) words.emplace_back(word);
  }
  if (words.empty()) fail("{}: there are no words in it", file.name());
  return words;
}

}  // namespace recur
