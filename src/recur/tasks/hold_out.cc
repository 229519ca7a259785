#include "recur/tasks/hold_out.h"

#include <algorithm>
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

HoldOut hold_out(std::span<const std::string> labels, double fraction, uint64_t seed) {
  std::vector<int64_t> order = all_of(std::ssize(labels));
  Random random(seed, kHoldOutStream);
  random.shuffle(std::span(order));
  // By label the order stays random; then each label gives its share, rounded so that the whole is right.
  std::map<std::string_view, int64_t> rank;
  for (const int64_t i : order) rank.emplace(labels[i], std::ssize(rank));
  std::ranges::stable_sort(order, {}, [&](int64_t i) { return rank.at(labels[i]); });
  HoldOut parts;
  double due = 0.5;
  for (const int64_t i : order) {
    due += fraction;
    (due >= 1 ? parts.valid : parts.train).push_back(i);
    if (due >= 1) due -= 1;
  }
  std::ranges::sort(parts.train);
  std::ranges::sort(parts.valid);
  if (parts.train.empty() || parts.valid.empty()) {
    fail("valid: cannot hold out a fraction of {} of {} examples: one of the parts would be empty", fraction,
         labels.size());
  }
  return parts;
}

}  // namespace recur
