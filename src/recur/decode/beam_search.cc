#include "recur/decode/beam_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/stop.h"

namespace recur {
namespace {

constexpr double kLeastCoverage = 1e-10;  // an input position that was never attended to

void check(const StepModel& model, std::span<const BeamInput> inputs, const BeamOptions& o) {
  if (o.width < 1) fail("beam: width: expected at least 1, got {}", o.width);
  if (o.n_best < 1 || o.n_best > o.width) fail("beam: n_best: expected 1 .. {}, got {}", o.width, o.n_best);
  if (!(o.length_penalty >= 0 && o.length_penalty <= 10)) {
    fail("beam: length_penalty: expected 0 .. 10, got {}", o.length_penalty);
  }
  if (o.no_repeat < 0) fail("beam: no_repeat: expected at least 0, got {}", o.no_repeat);
  if (!(o.coverage_penalty >= 0)) fail("beam: coverage_penalty: expected at least 0, got {}", o.coverage_penalty);
  for (const int32_t symbol : {o.first, o.end}) {
    if (symbol < 0 || symbol >= model.symbols()) {
      fail("beam: expected symbols of 0 .. {}, got {}", model.symbols() - 1, symbol);
    }
  }
  for (const BeamInput& input : inputs) {
    if (input.longest < 0) fail("beam: longest: expected at least 0, got {}", input.longest);
  }
}

// What a symbol was said with, and the one before it: hypotheses are paths in a tree of these.
struct Said {
  int32_t before = -1;  // index of the symbol before it; -1: none
  int32_t symbol = 0;
  Tensor attention = {};
  int64_t row = 0;  // of `attention`
};

struct Live {
  int32_t last = -1;  // index into the tree
  double log_probability = 0;
  std::vector<float> coverage = {};  // attention that each position has received
  SymbolTrie::State allowed = {};    // where it stands in what may be written
};

struct Continuation {
  double log_probability;
  int64_t live;    // which hypothesis it continues
  int32_t symbol;  // and with what

  // Better first; of equals the one that was found first.
  friend bool operator<(const Continuation& a, const Continuation& b) {
    if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
    return std::pair(a.live, a.symbol) < std::pair(b.live, b.symbol);
  }
};

// The best candidates, at most `most`, as a heap with the worst in front.
class BestContinuations {
 public:
  explicit BestContinuations(size_t most) : most_(most) {}

  void offer(const Continuation& candidate) {
    if (heap_.size() < most_) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end());
    } else if (candidate < heap_.front()) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.back() = candidate;
      std::push_heap(heap_.begin(), heap_.end());
    }
  }
  // A candidate must have more than this to come among them, or be found before an equal one.
  double least() const {
    return heap_.size() < most_ ? -std::numeric_limits<double>::infinity() : heap_.front().log_probability;
  }
  std::vector<Continuation> sorted() {
    std::sort_heap(heap_.begin(), heap_.end());
    return std::move(heap_);
  }

 private:
  size_t most_;
  std::vector<Continuation> heap_;
};

// The search for one input.
class Beam {
 public:
  Beam(const BeamInput& input, const BeamOptions& options) : input_(input), options_(options), live_(1) {
    if (options.allowed != nullptr) live_[0].allowed = options.allowed->start();
    if (options.coverage_penalty > 0) live_[0].coverage.resize(static_cast<size_t>(input.positions));
  }

  int64_t live() const { return std::ssize(live_); }
  // The last symbols of the hypotheses that go on.
  int32_t last_symbol(int64_t k) const {
    const int32_t last = live_[static_cast<size_t>(k)].last;
    return last < 0 ? options_.first : tree_[static_cast<size_t>(last)].symbol;
  }

  // What the model gives for live(), whose rows begin at `row`. Returns which of the old rows each new one continues.
  std::vector<int32_t> advance(const StepModel::Step& step, int64_t row) {
    std::vector<Live> before = std::move(live_);
    live_.clear();
    std::vector<int32_t> from;
    for (const Continuation& each : choose(step, row, before)) {
      Live next = before[static_cast<size_t>(each.live)];
      tree_.push_back({.before = next.last, .symbol = each.symbol});
      if (options_.keep_attention) tree_.back().attention = step.attention, tree_.back().row = row + each.live;
      next.last = static_cast<int32_t>(tree_.size() - 1);
      next.log_probability = each.log_probability;
      cover(next, step.attention, row + each.live);
      if (each.symbol == options_.end) {
        end(next);
      } else {
        if (is_bound(next)) next.allowed = options_.allowed->next(next.allowed, each.symbol);
        live_.push_back(std::move(next));
        from.push_back(static_cast<int32_t>(row + each.live));
      }
    }
    ++length_;
    if (is_decided()) live_.clear(), from.clear();
    return from;
  }

  std::vector<Hypothesis> result() {
    std::ranges::stable_sort(ended_, std::greater{}, &Hypothesis::score);
    ended_.resize(std::min(ended_.size(), static_cast<size_t>(options_.n_best)));
    return std::move(ended_);
  }

 private:
  std::vector<Continuation> choose(const StepModel::Step& step, int64_t row, const std::vector<Live>& before) const {
    const int64_t symbols = step.log_probabilities.size(1);
    const float* all = step.log_probabilities.values<float>().data();
    BestContinuations best(static_cast<size_t>(options_.width) - ended_.size());
    for (int64_t k = 0; k < std::ssize(before); ++k) {
      const double so_far = before[static_cast<size_t>(k)].log_probability;
      const float* p = all + (row + k) * symbols;
      const bool ends = length_ >= input_.longest;
      if (ends || is_bound(before[static_cast<size_t>(k)])) {
        offer_allowed(best, before[static_cast<size_t>(k)], p, k, ends);
        continue;
      }
      const std::vector<int32_t> repeated = repeated_after(before[static_cast<size_t>(k)]);
      for (int32_t c = 0; c < symbols; ++c) {
        if (p[c] + so_far <= best.least() || std::ranges::count(repeated, c) > 0) continue;
        offer(best, {so_far + p[c], k, c});
      }
    }
    return best.sorted();
  }

  // The symbols of a hypothesis, the last one first.
  std::vector<int32_t> backwards(int32_t last) const {
    std::vector<int32_t> symbols;
    for (int32_t at = last; at >= 0; at = tree_[static_cast<size_t>(at)].before) {
      symbols.push_back(tree_[static_cast<size_t>(at)].symbol);
    }
    return symbols;
  }

  // Those that would end an n-gram which the hypothesis has already.
  std::vector<int32_t> repeated_after(const Live& hypothesis) const {
    if (options_.no_repeat == 0) return {};
    const auto n = static_cast<size_t>(options_.no_repeat);
    const std::vector<int32_t> said = backwards(hypothesis.last);
    std::vector<int32_t> repeated;
    // said[i] was written after said[i + 1 .. i + n - 1].
    for (size_t i = 0; i + n <= said.size(); ++i) {
      if (std::equal(said.begin(), said.begin() + static_cast<std::ptrdiff_t>(n - 1),
                     said.begin() + static_cast<std::ptrdiff_t>(i + 1))) {
        repeated.push_back(said[i]);
      }
    }
    return repeated;
  }

  // Whether only some symbols may follow.
  bool is_bound(const Live& hypothesis) const {
    return options_.allowed != nullptr && !options_.allowed->is_free(hypothesis.allowed);
  }

  // The end, where it may come, and unless it must come, the symbols that may follow.
  void offer_allowed(BestContinuations& best, const Live& hypothesis, const float* p, int64_t k, bool ends) const {
    const double so_far = hypothesis.log_probability;
    const bool bound = is_bound(hypothesis);
    if (!bound || options_.allowed->may_end(hypothesis.allowed))
      offer(best, {so_far + p[options_.end], k, options_.end});
    if (ends || !bound) return;
    for (const auto& [symbol, next] : options_.allowed->children(hypothesis.allowed)) {
      if (symbol != options_.end) offer(best, {so_far + p[symbol], k, symbol});
    }
  }

  static void offer(BestContinuations& best, const Continuation& candidate) {
    if (std::isnan(candidate.log_probability)) {
      fail("beam: the probability of symbol {} is NaN: the weights of the model are too large", candidate.symbol);
    }
    best.offer(candidate);
  }

  void cover(Live& hypothesis, const Tensor& attention, int64_t row) const {
    if (hypothesis.coverage.empty() || !attention.defined()) return;
    const float* weights = attention.values<float>().data() + row * attention.size(1);
    for (size_t i = 0; i < hypothesis.coverage.size(); ++i) hypothesis.coverage[i] += weights[i];
  }

  double length_factor(int64_t length) const {
    return std::pow((5 + static_cast<double>(length)) / 6, options_.length_penalty);
  }

  void end(const Live& hypothesis) {
    Hypothesis out{.log_probability = hypothesis.log_probability,
                   .score = hypothesis.log_probability / length_factor(length_ + 1)};
    for (const float received : hypothesis.coverage) {
      out.score += options_.coverage_penalty * std::log(std::clamp<double>(received, kLeastCoverage, 1));
    }
    for (int32_t at = hypothesis.last; at >= 0; at = tree_[static_cast<size_t>(at)].before) {
      const Said& said = tree_[static_cast<size_t>(at)];
      if (said.symbol != options_.end) out.symbols.push_back(said.symbol);
      if (said.attention.defined()) out.attention.push_back(weights_of(said));
    }
    std::ranges::reverse(out.symbols);
    std::ranges::reverse(out.attention);
    ended_.push_back(std::move(out));
  }

  std::vector<float> weights_of(const Said& said) const {
    const float* weights = said.attention.values<float>().data() + said.row * said.attention.size(1);
    return {weights, weights + input_.positions};
  }

  // Whether none of the live ones can come among the n_best. Their probabilities only fall, and at best their length
  // factor becomes that of the longest.
  bool is_decided() const {
    if (options_.may_rise || live_.empty() || std::ssize(ended_) < options_.n_best) return false;
    std::vector<double> scores;
    for (const Hypothesis& each : ended_) scores.push_back(each.score);
    std::ranges::nth_element(scores, scores.begin() + (options_.n_best - 1), std::greater{});
    return live_.front().log_probability / length_factor(input_.longest + 1) <=
           scores[static_cast<size_t>(options_.n_best - 1)];
  }

  const BeamInput& input_;
  const BeamOptions& options_;
  std::vector<Said> tree_;
  std::vector<Live> live_;  // best first
  std::vector<Hypothesis> ended_;
  int64_t length_ = 0;  // symbols of the live ones
};

bool is_all_in_order(std::span<const int32_t> from, int64_t rows) {
  for (size_t k = 0; k < from.size(); ++k) {
    if (from[k] != static_cast<int32_t>(k)) return false;
  }
  return std::ssize(from) == rows;
}

void check_step(const StepModel& model, const StepModel::Step& made, int64_t rows, std::span<const BeamInput> inputs) {
  if (made.log_probabilities.shape() != Shape{rows, model.symbols()}) {
    fail("beam: the model gave probabilities {}, expected {}", made.log_probabilities.shape().str(),
         Shape{rows, model.symbols()}.str());
  }
  if (!made.attention.defined()) return;
  for (const BeamInput& input : inputs) {
    if (input.positions > made.attention.size(1)) {
      fail("beam: positions: expected at most {}, got {}", made.attention.size(1), input.positions);
    }
  }
}

}  // namespace

std::vector<std::vector<Hypothesis>> beam_search(const StepModel& model, std::span<const BeamInput> inputs,
                                                 const BeamOptions& options) {
  check(model, inputs, options);
  const autograd::NoGrad no_grad;
  std::vector<Beam> beams;
  beams.reserve(inputs.size());
  for (const BeamInput& input : inputs) beams.emplace_back(input, options);
  Tensors state = inputs.empty() ? Tensors() : model.initial(std::ssize(inputs));
  for (;;) {
    check_stop();
    std::vector<int32_t> last;
    for (const Beam& beam : beams) {
      for (int64_t k = 0; k < beam.live(); ++k) last.push_back(beam.last_symbol(k));
    }
    if (last.empty()) break;
    StepModel::Step made = model.step(Tensor::from(last, {std::ssize(last)}), state);
    check_step(model, made, std::ssize(last), inputs);
    std::vector<int32_t> from;
    int64_t row = 0;
    for (Beam& beam : beams) {
      const int64_t rows = beam.live();
      if (rows == 0) continue;
      const std::vector<int32_t> chosen = beam.advance(made, row);
      from.insert(from.end(), chosen.begin(), chosen.end());
      row += rows;
    }
    state = is_all_in_order(from, std::ssize(last)) || from.empty()
                ? std::move(made.state)
                : model.reorder(made.state, Tensor::from(from, {std::ssize(from)}));
  }
  std::vector<std::vector<Hypothesis>> results;
  for (Beam& beam : beams) results.push_back(beam.result());
  return results;
}

}  // namespace recur
