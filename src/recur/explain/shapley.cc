#include "recur/explain/shapley.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/random.h"
#include "recur/explain/coalitions.h"
#include "recur/explain/intervals.h"

namespace recur {
namespace {

constexpr uint64_t kOrdersStream = 0x6F7264657273;

Coalition members_of(uint32_t bits, int64_t parts) {
  Coalition out(static_cast<size_t>(parts));
  for (int64_t i = 0; i < parts; ++i) out[static_cast<size_t>(i)] = (bits >> i) & 1;
  return out;
}

// The share of the orders of n parts in which exactly these s come before a given other one: s! (n - s - 1)! / n!
std::vector<double> order_shares(int64_t parts) {
  std::vector<double> out;
  double choose = 1;  // n - 1 over s
  for (int64_t s = 0; s < parts; ++s) {
    out.push_back(1 / (static_cast<double>(parts) * choose));
    choose *= static_cast<double>(parts - 1 - s) / static_cast<double>(s + 1);
  }
  return out;
}

Attribution begun(const Parts& parts, CoalitionScores& scores) {
  return {.parts = parts.all(),
          .values = std::vector<double>(static_cast<size_t>(parts.size()), 0),
          .low = {},
          .high = {},
          .score = scores.all(),
          .baseline_score = scores.none()};
}

// What each part adds in this order, and the scores between are of `scores`.
void add_order(CoalitionScores& scores, const std::vector<int64_t>& order, const Attribution& ends,
               std::vector<double>& out) {
  std::vector<Coalition> growing;
  Coalition now(order.size(), 0);
  for (size_t k = 0; k + 1 < order.size(); ++k) {
    now[static_cast<size_t>(order[k])] = 1;
    growing.push_back(now);
  }
  const std::vector<double> between = scores(growing);
  double before = ends.baseline_score;
  for (size_t k = 0; k < order.size(); ++k) {
    const double after = k + 1 < order.size() ? between[k] : ends.score;
    out[static_cast<size_t>(order[k])] += after - before;
    before = after;
  }
}

}  // namespace

Attribution shapley_exact(const Explainable& record, const Tensor& baseline, const Parts& parts) {
  const int64_t n = parts.size();
  if (n > kMostEnumerated) {
    fail_usage(
        "exact Shapley values take at most {} parts (2^n coalitions); this record has {}: choose the method shapley, "
        "or make larger parts with --by or --window",
        kMostEnumerated, n);
  }
  CoalitionScores scores(record, baseline, parts);
  Attribution out = begun(parts, scores);
  std::vector<Coalition> all;
  for (uint32_t bits = 0; bits < (uint32_t{1} << n); ++bits) all.push_back(members_of(bits, n));
  const std::vector<double> of = scores(all);
  const std::vector<double> shares = order_shares(n);
  for (uint32_t bits = 0; bits < of.size(); ++bits) {
    for (int64_t i = 0; i < n; ++i) {
      const uint32_t own = uint32_t{1} << i;
      if ((bits & own) != 0) continue;
      const double share = shares[static_cast<size_t>(std::popcount(bits))];
      out.values[static_cast<size_t>(i)] += share * (of[bits | own] - of[bits]);
    }
  }
  out.residual = completeness_residual(out.values, out.score, out.baseline_score);
  out.evaluations = scores.evaluations();
  return out;
}

Attribution shapley_by_orders(const Explainable& record, const Tensor& baseline, const Parts& parts,
                              const ShapleySampling& options) {
  constexpr int64_t kLeastPairs = 3;
  const int64_t n = parts.size();
  CoalitionScores scores(record, baseline, parts);
  Attribution out = begun(parts, scores);
  const int64_t wanted = options.samples / std::max<int64_t>(2 * n - 2, 1), pairs = std::max(wanted, kLeastPairs);
  Random random(options.seed, kOrdersStream);
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::vector<double> sums(order.size(), 0), squares(order.size(), 0);
  for (int64_t pair = 0; pair < pairs; ++pair) {
    random.shuffle(std::span(order));
    std::vector<double> both(order.size(), 0);
    add_order(scores, order, out, both);
    std::ranges::reverse(order);
    add_order(scores, order, out, both);
    for (size_t i = 0; i < both.size(); ++i) {
      sums[i] += both[i] / 2;
      squares[i] += both[i] * both[i] / 4;
    }
  }
  const auto count = static_cast<double>(pairs);
  const double factor = t_factor(options.level, pairs - 1);
  for (size_t i = 0; i < sums.size(); ++i) {
    const double mean = sums[i] / count, variance = std::max(squares[i] / count - mean * mean, 0.0) / (count - 1);
    out.values[i] = mean;
    out.low.push_back(mean - factor * std::sqrt(variance));
    out.high.push_back(mean + factor * std::sqrt(variance));
  }
  out.residual = completeness_residual(out.values, out.score, out.baseline_score);
  out.evaluations = scores.evaluations();
  out.note = fmt::format("{} random orders of {} parts", 2 * pairs, n);
  return out;
}

}  // namespace recur
