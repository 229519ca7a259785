#include "recur/tasks/hold_out.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "recur/base/error.h"
#include "recur/base/random.h"

namespace recur {

HoldOut hold_out(std::span<const std::string> labels, double fraction, uint64_t seed) {
  std::vector<int64_t> order(labels.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  Random random(seed, 3);
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
    fail("valid: {} of {} examples leaves one of the parts empty", fraction, labels.size());
  }
  return parts;
}

}  // namespace recur
