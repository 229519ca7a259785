#include "recur/decode/sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "recur/base/error.h"

namespace recur {
namespace {

struct Candidate {
  int32_t index;
  float logit;
  double weight = 0;  // probability, up to a common factor

  bool operator<(const Candidate& other) const {  // more probable
    return logit != other.logit ? logit > other.logit : index < other.index;
  }
};

void check(const SamplingOptions& options) {
  if (!(options.temperature >= 0)) fail("sample: temperature: expected 0 or more, got {}", options.temperature);
  if (options.top_k < 0) fail("sample: top_k: expected 0 or more, got {}", options.top_k);
  if (!(options.top_p > 0 && options.top_p <= 1)) {
    fail("sample: top_p: expected more than 0 and at most 1, got {}", options.top_p);
  }
}

std::vector<Candidate> possible(std::span<const float> logits) {
  std::vector<Candidate> result;
  result.reserve(logits.size());
  for (size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i]) || logits[i] == std::numeric_limits<float>::infinity()) {
      fail("sample: the logit of symbol {} is {}", i, logits[i]);
    }
    if (std::isfinite(logits[i])) result.push_back({static_cast<int32_t>(i), logits[i]});
  }
  if (result.empty()) fail("sample: no symbol has a positive probability");
  return result;
}

void keep_most_probable(std::vector<Candidate>& candidates, int64_t k) {
  if (k <= 0 || k >= std::ssize(candidates)) return;
  std::nth_element(candidates.begin(), candidates.begin() + k, candidates.end());
  candidates.resize(static_cast<size_t>(k));
}

double weigh(std::vector<Candidate>& candidates, double temperature) {
  const float highest = std::min_element(candidates.begin(), candidates.end())->logit;
  double total = 0;
  for (Candidate& each : candidates) {
    each.weight = std::exp((static_cast<double>(each.logit) - static_cast<double>(highest)) / temperature);
    total += each.weight;
  }
  return total;
}

// Leaves the fewest that have the share p of the total, and returns what they have.
double keep_share(std::vector<Candidate>& candidates, double p, double total) {
  if (p >= 1) return total;
  std::sort(candidates.begin(), candidates.end());
  double kept = 0;
  for (size_t i = 0; i < candidates.size(); ++i) {
    kept += candidates[i].weight;
    if (kept >= p * total) {
      candidates.resize(i + 1);
      break;
    }
  }
  return kept;
}

}  // namespace

int32_t sample(std::span<const float> logits, const SamplingOptions& options, Random& random) {
  check(options);
  std::vector<Candidate> candidates = possible(logits);
  if (options.temperature == 0) return std::min_element(candidates.begin(), candidates.end())->index;
  keep_most_probable(candidates, options.top_k);
  const double total = keep_share(candidates, options.top_p, weigh(candidates, options.temperature));
  double left = random.uniform64() * total;
  for (const Candidate& each : candidates) {
    left -= each.weight;
    if (left < 0) return each.index;
  }
  return candidates.front().index;  // rounding left a little over
}

}  // namespace recur
