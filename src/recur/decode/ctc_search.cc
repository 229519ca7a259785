#include "recur/decode/ctc_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

double log_sum(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kNever ? a : a + std::log1p(std::exp(b - a));
}

// Prefixes as a tree: each one symbol longer than its parent.
class PrefixTree {
 public:
  struct Node {
    int32_t parent = -1, symbol = -1;
    double extra = 0;  // what the scorer gave so far
    PrefixScorer::State state{};
  };

  explicit PrefixTree(const PrefixScorer* scorer) : scorer_(scorer) {
    nodes_.push_back({.state = scorer != nullptr ? scorer->start() : nullptr});
  }

  const Node& operator[](int32_t node) const { return nodes_[static_cast<size_t>(node)]; }

  // The prefix with a symbol behind it; -1 where the scorer forbids it.
  int32_t child(int32_t node, int32_t symbol) {
    const auto key = static_cast<uint64_t>(node) << 32 | static_cast<uint32_t>(symbol);
    const auto [at, is_new] = children_.emplace(key, -1);
    if (!is_new) return at->second;
    Node made{.parent = node, .symbol = symbol, .extra = (*this)[node].extra};
    if (scorer_ != nullptr) {
      const double added = scorer_->add((*this)[node].state, symbol, made.state);
      if (added == kNever) return -1;
      made.extra += added;
    }
    nodes_.push_back(std::move(made));
    return at->second = static_cast<int32_t>(nodes_.size()) - 1;
  }

  std::vector<int32_t> symbols(int32_t node) const {
    std::vector<int32_t> out;
    for (; node > 0; node = (*this)[node].parent) out.push_back((*this)[node].symbol);
    std::ranges::reverse(out);
    return out;
  }

 private:
  const PrefixScorer* scorer_;
  std::vector<Node> nodes_;
  std::unordered_map<uint64_t, int32_t> children_;
};

// A prefix at a step: ln of the probability of its paths that end in a blank, and of those that end in its last symbol.
struct PrefixBeam {
  int32_t node = 0;
  double blank = kNever, symbol = kNever;
  double score = 0;  // with the scorer's part

  double total() const { return log_sum(blank, symbol); }
};

class PrefixSearch {
 public:
  PrefixSearch(const CtcSteps& steps, const CtcSearchOptions& options)
      : steps_(steps), options_(options), tree_(options.scorer) {}

  std::vector<CtcHypothesis> run() {
    beams_ = {PrefixBeam{.node = 0, .blank = 0}};
    for (int64_t t = 0; t < steps_.steps(); ++t) step(steps_[t]);
    finish();
    std::vector<CtcHypothesis> out;
    for (const PrefixBeam& beam : beams_) {
      if (std::ssize(out) == options_.n_best) break;
      out.push_back({tree_.symbols(beam.node), beam.score});
    }
    return out;
  }

 private:
  PrefixBeam& next(int32_t node) {
    const auto [at, is_new] = place_.emplace(node, next_.size());
    if (is_new) next_.push_back({.node = node});
    return next_[at->second];
  }

  void step(std::span<const float> log_probabilities) {
    const auto best = static_cast<int32_t>(std::ranges::max_element(log_probabilities) - log_probabilities.begin());
    next_.clear();
    place_.clear();
    for (const PrefixBeam& beam : beams_) {
      const double total = beam.total();
      const int32_t last = tree_[beam.node].symbol;
      for (int32_t v = 0; v < static_cast<int32_t>(log_probabilities.size()); ++v) {
        const auto p = static_cast<double>(log_probabilities[v]);
        if (v == steps_.blank()) {
          PrefixBeam& same = next(beam.node);
          same.blank = log_sum(same.blank, total + p);
          continue;
        }
        if (v == last) {
          PrefixBeam& same = next(beam.node);
          same.symbol = log_sum(same.symbol, beam.symbol + p);
        }
        if (v != best && log_probabilities[v] < options_.least) continue;
        // A symbol that is the last one once more needs a blank between.
        const double from = v == last ? beam.blank : total;
        if (from == kNever) continue;
        const int32_t child = tree_.child(beam.node, v);
        if (child < 0) continue;
        PrefixBeam& longer = next(child);
        longer.symbol = log_sum(longer.symbol, from + p);
      }
    }
    for (PrefixBeam& beam : next_) beam.score = beam.total() + tree_[beam.node].extra;
    keep_best(options_.width);
  }

  // Of equal ones the older prefix.
  void keep_best(int64_t most) {
    const auto better = [](const PrefixBeam& a, const PrefixBeam& b) {
      return a.score != b.score ? a.score > b.score : a.node < b.node;
    };
    const auto count = std::min<int64_t>(most, std::ssize(next_));
    std::ranges::partial_sort(next_, next_.begin() + count, better);
    next_.resize(static_cast<size_t>(count));
    std::swap(beams_, next_);
  }

  void finish() {
    if (options_.scorer == nullptr) return;
    next_.clear();
    for (PrefixBeam beam : beams_) {
      const double end = options_.scorer->end(tree_[beam.node].state);
      beam.score += end;
      if (beam.score > kNever) next_.push_back(beam);
    }
    // Where no prefix is a whole text, they are given as they are.
    if (next_.empty()) return;
    keep_best(std::ssize(next_));
  }

  const CtcSteps& steps_;
  const CtcSearchOptions& options_;
  PrefixTree tree_;
  std::vector<PrefixBeam> beams_, next_;
  std::unordered_map<int32_t, size_t> place_;  // of a node in next_
};

}  // namespace

CtcSteps::CtcSteps(const Tensor& log_probabilities, int64_t b, int64_t steps, int32_t blank)
    : steps_(steps), blank_(blank) {
  const Shape& shape = log_probabilities.shape();
  if (shape.rank() != 3 || b < 0 || b >= shape[1] || steps < 0 || steps > shape[0] || blank < 0 || blank >= shape[2]) {
    fail("ctc: sequence {} of {} steps with blank {} is not in {}", b, steps, blank, shape.str());
  }
  symbols_ = shape[2];
  stride_ = shape[1] * symbols_;
  data_ = log_probabilities.data<float>() + b * symbols_;
}

CtcHypothesis ctc_greedy(const CtcSteps& steps) {
  CtcHypothesis out;
  int32_t before = steps.blank();
  for (int64_t t = 0; t < steps.steps(); ++t) {
    const auto row = steps[t];
    const auto at = std::ranges::max_element(row);
    const auto best = static_cast<int32_t>(at - row.begin());
    out.score += static_cast<double>(*at);
    if (best != steps.blank() && best != before) out.symbols.push_back(best);
    before = best;
  }
  return out;
}

std::vector<CtcHypothesis> ctc_beam(const CtcSteps& steps, const CtcSearchOptions& options) {
  return PrefixSearch(steps, options).run();
}

std::vector<CtcSpan> ctc_align(const CtcSteps& steps, std::span<const int32_t> symbols) {
  // States as in ops/ctc_loss.cc: blanks between, before and behind the symbols.
  const int64_t T = steps.steps(), S = 2 * std::ssize(symbols) + 1;
  if (symbols.empty() || T == 0) return {};
  const auto symbol = [&](int64_t s) { return s % 2 == 0 ? steps.blank() : symbols[static_cast<size_t>(s / 2)]; };
  std::vector<double> best(static_cast<size_t>(S), kNever), before;
  std::vector<int8_t> from(static_cast<size_t>(T * S), 0);  // how many states back
  for (int64_t t = 0; t < T; ++t) {
    before = best;
    for (int64_t s = 0; s < S; ++s) {
      int64_t way = 0;
      double most = t == 0 ? (s < 2 ? 0 : kNever) : before[s];
      if (t > 0 && s >= 1 && before[s - 1] > most) {
        most = before[s - 1];
        way = 1;
      }
      if (t > 0 && s >= 2 && s % 2 == 1 && symbol(s) != symbol(s - 2) && before[s - 2] > most) {
        most = before[s - 2];
        way = 2;
      }
      best[s] = most + static_cast<double>(steps[t][static_cast<size_t>(symbol(s))]);
      from[t * S + s] = static_cast<int8_t>(way);
    }
  }
  int64_t s = best[S - 2] > best[S - 1] ? S - 2 : S - 1;
  if (best[s] == kNever) return {};
  std::vector<CtcSpan> spans(symbols.size(), CtcSpan{.begin = T, .end = 0, .log_probability = kNever});
  for (int64_t t = T - 1; t >= 0; --t) {
    if (s % 2 == 1) {
      CtcSpan& span = spans[static_cast<size_t>(s / 2)];
      span.begin = t;
      span.end = std::max(span.end, t + 1);
      span.log_probability = std::max(span.log_probability, static_cast<double>(steps[t][symbol(s)]));
    }
    s -= from[t * S + s];
  }
  return spans;
}

}  // namespace recur
