#include "recur/decode/transducer_search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "recur/base/error.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

constexpr double kOut = -std::numeric_limits<double>::infinity();
// Symbols of less log-probability than this are not tried where a scorer would have to be asked for each.
constexpr float kLeastScored = -10;

double log_of_sum(double a, double b) {
  if (a < b) std::swap(a, b);
  return b == kOut ? a : a + std::log1p(std::exp(b - a));
}

uint64_t mixed(uint64_t hash, int32_t symbol) {
  hash ^= static_cast<uint64_t>(symbol) + 0x9e3779b97f4a7c15u + (hash << 6) + (hash >> 2);
  hash *= 0xbf58476d1ce4e5b9u;
  return hash ^ (hash >> 31);
}

}  // namespace

TransducerSearch::TransducerSearch(const TransducerNetwork& network, const TransducerSearchOptions& options)
    : network_(&network), options_(options) {
  if (options.width < 1) fail("transducer: width: expected at least 1, got {}", options.width);
  if (options.symbols_per_step < 1) {
    fail("transducer: symbols_per_step: expected at least 1, got {}", options.symbols_per_step);
  }
  TransducerNetwork::Predicted first = network.start();
  beams_.push_back({.output = std::move(first.output), .state = std::move(first.state)});
  if (options.scorer != nullptr) beams_[0].scorer = options.scorer->start();
}

uint64_t TransducerSearch::hash(int32_t node) const {
  return node < 0 ? settled_hash_ : nodes_[static_cast<size_t>(node)].hash;
}

// Whether both have said the same. Paths that join are compared up to there alone.
bool TransducerSearch::same(int32_t a, int32_t b) const {
  if (hash(a) != hash(b)) return false;
  while (a != b) {
    if (a < 0 || b < 0) return false;
    const Node &x = nodes_[static_cast<size_t>(a)], &y = nodes_[static_cast<size_t>(b)];
    if (x.said.symbol != y.said.symbol) return false;
    a = x.before;
    b = y.before;
  }
  return true;
}

std::vector<TransducerSymbol> TransducerSearch::path(int32_t node) const {
  std::vector<TransducerSymbol> out;
  for (; node >= 0; node = nodes_[static_cast<size_t>(node)].before) {
    out.push_back(nodes_[static_cast<size_t>(node)].said);
  }
  std::ranges::reverse(out);
  return out;
}

// Adds it to one that has said the same, of which the more probable gives the times.
void TransducerSearch::wait(Live live, std::vector<Live>& waiting) const {
  for (Live& other : waiting) {
    if (!same(other.node, live.node)) continue;
    if (live.log_probability > other.log_probability) other.node = live.node;
    other.log_probability = log_of_sum(other.log_probability, live.log_probability);
    return;
  }
  waiting.push_back(std::move(live));
}

// What a hypothesis must surpass to come among the best; those that wait only grow.
double TransducerSearch::least_waiting(const std::vector<Live>& waiting) const {
  if (std::ssize(waiting) < options_.width) return kOut;
  std::vector<double> scores;
  for (const Live& each : waiting) scores.push_back(each.score());
  std::ranges::nth_element(scores, scores.begin() + (options_.width - 1), std::greater{});
  return scores[static_cast<size_t>(options_.width - 1)];
}

std::vector<TransducerSearch::Continuation> TransducerSearch::continuations(const std::vector<Live>& live,
                                                                            const Tensor& log_probabilities,
                                                                            double least) const {
  std::vector<Continuation> out;
  const int64_t V = network_->symbols();
  for (size_t k = 0; k < live.size(); ++k) {
    const float* p = log_probabilities.values<float>().data() + static_cast<int64_t>(k) * V;
    for (int32_t v = 0; v < V; ++v) {
      if (v == network_->blank()) continue;
      Continuation each{.live = k, .symbol = v, .extra = live[k].extra};
      each.log_probability = live[k].log_probability + double{p[v]};
      if (options_.scorer != nullptr) {
        if (p[v] < kLeastScored) continue;
        const double added = options_.scorer->add(live[k].scorer, v, each.scorer);
        if (added == kOut) continue;
        each.extra += added;
      }
      each.score = each.log_probability + each.extra;
      if (each.score > least) out.push_back(std::move(each));
    }
  }
  const auto count = std::min<int64_t>(options_.width, std::ssize(out));
  std::ranges::partial_sort(out, out.begin() + count, [](const Continuation& a, const Continuation& b) {
    if (a.score != b.score) return a.score > b.score;
    return std::pair(a.live, a.symbol) < std::pair(b.live, b.symbol);
  });
  out.resize(static_cast<size_t>(count));
  return out;
}

std::vector<TransducerSearch::Live> TransducerSearch::say(const std::vector<Live>& live,
                                                          const std::vector<Continuation>& chosen) {
  if (chosen.empty()) return {};
  std::vector<int32_t> symbols;
  std::vector<Tensors> parts(live.front().state.size());
  for (const Continuation& each : chosen) {
    symbols.push_back(each.symbol);
    for (size_t i = 0; i < parts.size(); ++i) parts[i].push_back(live[each.live].state[i]);
  }
  Tensors before;
  for (const Tensors& part : parts) before.push_back(part.size() == 1 ? part[0] : concat(part, 0));
  const auto count = std::ssize(symbols);
  const TransducerNetwork::Predicted after = network_->after(Tensor::from(symbols, {count}), before);
  std::vector<Live> out;
  for (int64_t k = 0; k < count; ++k) {
    const Continuation& each = chosen[static_cast<size_t>(k)];
    const int32_t parent = live[each.live].node;
    nodes_.push_back({.before = parent,
                      .said = {.symbol = each.symbol,
                               .step = steps_,
                               .log_probability = each.log_probability - live[each.live].log_probability},
                      .hash = mixed(hash(parent), each.symbol)});
    Live next{.node = static_cast<int32_t>(nodes_.size()) - 1,
              .log_probability = each.log_probability,
              .extra = each.extra,
              .scorer = each.scorer,
              .output = rows(after.output, k, k + 1)};
    for (const Tensor& part : after.state) next.state.push_back(rows(part, k, k + 1));
    out.push_back(std::move(next));
  }
  return out;
}

void TransducerSearch::take(const Tensor& step) {
  std::vector<Live> waiting, live = std::move(beams_);
  for (int64_t said = 0; !live.empty(); ++said) {
    Tensors outputs;
    for (const Live& each : live) outputs.push_back(each.output);
    const Tensor p = network_->log_probabilities(step, outputs.size() == 1 ? outputs[0] : concat(outputs, 0));
    for (size_t k = 0; k < live.size(); ++k) {
      Live rests = live[k];
      const float blank =
          p.values<float>()[k * static_cast<size_t>(network_->symbols()) + static_cast<size_t>(network_->blank())];
      rests.log_probability += double{blank};
      if (std::isnan(rests.log_probability)) fail("transducer: a probability is NaN: the weights are too large");
      wait(std::move(rests), waiting);
    }
    if (said == options_.symbols_per_step) break;
    live = say(live, continuations(live, p, least_waiting(waiting)));
  }
  const auto count = std::min<int64_t>(options_.width, std::ssize(waiting));
  std::ranges::stable_sort(waiting, std::greater{}, &Live::score);
  waiting.resize(static_cast<size_t>(count));
  beams_ = std::move(waiting);
  ++steps_;
}

std::vector<TransducerHypothesis> TransducerSearch::best() const {
  std::vector<TransducerHypothesis> out, ended;
  for (const Live& each : beams_) {
    out.push_back({.symbols = path(each.node), .score = each.score()});
    if (options_.scorer == nullptr) continue;
    const double end = options_.scorer->end(each.scorer);
    if (end == kOut) continue;
    ended.push_back(out.back());
    ended.back().score += end;
  }
  // Where no hypothesis is a whole text, they are given as they are.
  if (!ended.empty()) out = std::move(ended);
  std::ranges::stable_sort(out, std::greater{}, &TransducerHypothesis::score);
  if (std::ssize(out) > options_.n_best) out.resize(static_cast<size_t>(options_.n_best));
  return out;
}

std::vector<TransducerSymbol> TransducerSearch::settled() {
  std::vector<TransducerSymbol> common = path(beams_.front().node);
  for (size_t k = 1; k < beams_.size(); ++k) {
    const std::vector<TransducerSymbol> other = path(beams_[k].node);
    size_t shared = 0;
    while (shared < std::min(common.size(), other.size()) && common[shared].symbol == other[shared].symbol) ++shared;
    common.resize(shared);
  }
  if (!common.empty()) forget(common.size());
  return common;
}

// The first `count` symbols of each hypothesis, and all nodes that none needs.
void TransducerSearch::forget(size_t count) {
  std::vector<std::vector<TransducerSymbol>> left;
  for (const Live& each : beams_) left.push_back(path(each.node));
  for (size_t i = 0; i < count; ++i) settled_hash_ = mixed(settled_hash_, left.front()[i].symbol);
  nodes_.clear();
  for (size_t k = 0; k < beams_.size(); ++k) {
    int32_t node = -1;
    for (size_t i = count; i < left[k].size(); ++i) {
      nodes_.push_back({.before = node, .said = left[k][i], .hash = mixed(hash(node), left[k][i].symbol)});
      node = static_cast<int32_t>(nodes_.size()) - 1;
    }
    beams_[k].node = node;
  }
}

}  // namespace recur
