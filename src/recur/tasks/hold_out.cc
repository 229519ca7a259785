#include "recur/tasks/hold_out.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "recur/base/error.h"
#include "recur/base/random.h"
#include "recur/tasks/random_streams.h"

namespace recur {

std::vector<int64_t> all_of(int64_t size) {
  std::vector<int64_t> all(static_cast<size_t>(size));
  std::iota(all.begin(), all.end(), int64_t{0});
  return all;
}

namespace {

// All examples in random order, those of a label together.
std::vector<int64_t> order_by_label(std::span<const std::string> labels, uint64_t seed) {
  std::vector<int64_t> order = all_of(std::ssize(labels));
  Random random(seed, kHoldOutStream);
  random.shuffle(std::span(order));
  std::map<std::string_view, int64_t> rank;
  for (const int64_t i : order) rank.emplace(labels[i], std::ssize(rank));
  std::ranges::stable_sort(order, {}, [&](int64_t i) { return rank.at(labels[i]); });
  return order;
}

// Each label gives its share, rounded so that the whole is right. `due`: in [0, 1), how near the first one is.
HoldOut cut_out(std::span<const int64_t> order, double fraction, double due) {
  HoldOut parts;
  for (const int64_t i : order) {
    due += fraction;
    (due >= 1 ? parts.valid : parts.train).push_back(i);
    if (due >= 1) due -= 1;
  }
  std::ranges::sort(parts.train);
  std::ranges::sort(parts.valid);
  if (parts.train.empty() || parts.valid.empty()) {
    fail("valid: cannot hold out a fraction of {} of {} examples: one of the parts would be empty", fraction,
         order.size());
  }
  return parts;
}

}  // namespace

HoldOut hold_out(std::span<const std::string> labels, double fraction, uint64_t seed) {
  return cut_out(order_by_label(labels, seed), fraction, 0.5);
}

std::vector<HoldOut> folds(std::span<const std::string> labels, double fraction, int64_t count, uint64_t seed) {
  const std::vector<int64_t> order = order_by_label(labels, seed);
  std::vector<HoldOut> result;
  for (int64_t k = 0; k < count; ++k) {
    const double due = 0.5 + static_cast<double>(k) * fraction;
    result.push_back(cut_out(order, fraction, due - std::floor(due)));
  }
  return result;
}

}  // namespace recur
