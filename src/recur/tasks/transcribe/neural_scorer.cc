#include "recur/tasks/transcribe/neural_scorer.h"

#include <limits>
#include <mutex>
#include <span>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/data/files/utf8.h"

namespace recur {

// What the model gives after a symbol is computed when it is first asked for: most prefixes of a search have no
// continuation.
class NeuralScorer::Node {
 public:
  // After nothing, where the model has no symbol that a line begins behind; or after `symbol` from a state.
  explicit Node(const LmSteps& steps) : steps_(steps), state_(steps.initial(1)) {}
  Node(const LmSteps& steps, Tensors state, int32_t symbol)
      : steps_(steps), state_(std::move(state)), symbol_(symbol) {}

  // ln P of a symbol that comes next; 0 after nothing.
  double score(int32_t symbol) const {
    if (!symbol_) return 0;
    return double{after().log_probabilities.values<float>()[static_cast<size_t>(symbol)]};
  }
  std::shared_ptr<const Node> next(int32_t symbol) const {
    return std::make_shared<const Node>(steps_, symbol_ ? after().state : state_, symbol);
  }

 private:
  const StepModel::Step& after() const {
    std::call_once(once_, [&] {
      const autograd::NoGrad no_grad;
      after_ = steps_.step(Tensor::from(std::vector<int32_t>{*symbol_}, {1}), state_);
    });
    return *after_;
  }

  const LmSteps& steps_;
  Tensors state_;
  std::optional<int32_t> symbol_;
  mutable std::once_flag once_;  // searches of several threads begin at the same one
  mutable std::optional<StepModel::Step> after_;
};

struct NeuralScorer::Place {
  std::shared_ptr<const Node> node;
  std::string pending = {};          // text that has not been scored: of a word, or of a code point
  std::optional<int32_t> last = {};  // symbol of the text
  bool in_word = false;
};

namespace {

bool is_by_letters(const Tokenizer& tokens) { return tokens.kind() == "chars" || tokens.kind() == "bytes"; }

// The symbol that ends a line, where there is one.
std::optional<int32_t> end_of_lines(const Tokenizer& tokens) {
  if (!is_by_letters(tokens)) return tokens.line_end();
  const std::vector<int32_t> symbols = tokens.encode("\n");
  if (symbols.size() != 1 || symbols[0] == tokens.unknown()) return std::nullopt;
  return symbols[0];
}

}  // namespace

NeuralScorer::NeuralScorer(std::shared_ptr<const LmTrained> model, std::shared_ptr<const Tokenizer> tokens,
                           const NeuralScorerOptions& options)
    : model_(std::move(model)),
      tokens_(std::move(tokens)),
      options_(options),
      steps_(model_->network(), {}, std::nullopt),
      by_letters_(is_by_letters(model_->tokenizer())),
      line_end_(end_of_lines(model_->tokenizer())) {
  start_ = std::make_shared<const Node>(steps_);
  if (line_end_) start_ = start_->next(*line_end_);
}

PrefixScorer::State NeuralScorer::start() const { return std::make_shared<Place>(Place{.node = start_}); }

double NeuralScorer::say(Place& place, const std::vector<int32_t>& symbols) const {
  double sum = 0;
  for (const int32_t symbol : symbols) {
    sum += place.node->score(symbol);
    place.node = place.node->next(symbol);
  }
  return options_.weight * sum;
}

double NeuralScorer::add(const State& before, int32_t symbol, State& after) const {
  auto place = std::make_shared<Place>(*static_cast<const Place*>(before.get()));
  const std::string piece = tokens_->piece(symbol, place->last);
  place->last = symbol;
  const double score = by_letters_ ? take_letters(*place, piece) : take_words(*place, piece);
  after = std::move(place);
  return score;
}

double NeuralScorer::take_letters(Place& place, std::string_view piece) const {
  double score = 0;
  for (const char c : piece) {
    if (c != ' ') place.in_word = true;
    if (c == ' ' && std::exchange(place.in_word, false)) score += options_.bonus;
  }
  place.pending += piece;
  // A piece may end within a code point.
  if (model_->tokenizer().needs_utf8() && find_invalid_utf8(place.pending) != kNoPosition) return score;
  return score + say(place, model_->tokenizer().encode(std::exchange(place.pending, {})));
}

double NeuralScorer::take_words(Place& place, std::string_view piece) const {
  double score = 0;
  for (const char c : piece) {
    if (c == ' ') {
      score += end_word(place);
    } else {
      place.pending += c;
    }
  }
  return score;
}

double NeuralScorer::end_word(Place& place) const {
  if (place.pending.empty() || find_invalid_utf8(place.pending) != kNoPosition) return 0;
  return options_.bonus + say(place, model_->tokenizer().encode(std::exchange(place.pending, {})));
}

double NeuralScorer::end(const State& state) const {
  Place place = *static_cast<const Place*>(state.get());
  double score = by_letters_ ? (place.in_word ? options_.bonus : 0) : end_word(place);
  if (line_end_) score += options_.weight * place.node->score(*line_end_);
  return score;
}

namespace {

using ScorerStates = std::vector<PrefixScorer::State>;

}  // namespace

PrefixScorer::State ScorerSum::start() const {
  auto states = std::make_shared<ScorerStates>();
  for (const auto& part : parts_) states->push_back(part->start());
  return states;
}

double ScorerSum::add(const State& before, int32_t symbol, State& after) const {
  const auto& own = *static_cast<const ScorerStates*>(before.get());
  auto states = std::make_shared<ScorerStates>(own.size());
  double sum = 0;
  for (size_t k = 0; k < parts_.size(); ++k) {
    sum += parts_[k]->add(own[k], symbol, (*states)[k]);
    if (sum == -std::numeric_limits<double>::infinity()) break;
  }
  after = std::move(states);
  return sum;
}

double ScorerSum::end(const State& state) const {
  const auto& own = *static_cast<const ScorerStates*>(state.get());
  double sum = 0;
  for (size_t k = 0; k < parts_.size(); ++k) sum += parts_[k]->end(own[k]);
  return sum;
}

std::shared_ptr<const LmTrained> read_language_model(const std::string& path) {
  const std::shared_ptr<const Trained> model = load_trained(path);
  auto language = std::dynamic_pointer_cast<const LmTrained>(model);
  if (language == nullptr) fail("lm: {}: expected a model of the task lm, got one of {}", path, model->info().name);
  return language;
}

}  // namespace recur
