#include "recur/tasks/metrics/cider.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace recur {

Cider::Cider(std::span<const std::vector<CaptionWords>> references)
    : log_images_(std::log(static_cast<double>(references.size()))) {
  for (const auto& image : references) {
    std::set<std::string> seen;
    for (const CaptionWords& each : image) {
      for (size_t n = 1; n <= kOrders; ++n) {
        for (const auto& [ngram, count] : ngram_counts(each, n)) seen.insert(ngram);
      }
    }
    for (const std::string& ngram : seen) ++frequency_[ngram];
  }
  for (const auto& image : references) {
    auto& weighed = references_.emplace_back();
    for (const CaptionWords& each : image) weighed.push_back(weigh(each));
  }
}

Cider::Weights Cider::weigh(const CaptionWords& words) const {
  Weights out;
  for (size_t n = 1; n <= kOrders; ++n) {
    double squares = 0;
    for (const auto& [ngram, count] : ngram_counts(words, n)) {
      const auto found = frequency_.find(ngram);
      const double images = found == frequency_.end() ? 1 : static_cast<double>(found->second);
      const double weight = count * (log_images_ - std::log(images));
      out.ngrams[n - 1].emplace(ngram, weight);
      squares += weight * weight;
      if (n == 2) out.length += count;
    }
    out.norm[n - 1] = std::sqrt(squares);
  }
  return out;
}

double Cider::similarity(const Weights& caption, const Weights& reference) {
  constexpr double kSigma = 6;
  const double apart = caption.length - reference.length;
  const double penalty = std::exp(-apart * apart / (2 * kSigma * kSigma));
  double sum = 0;
  for (size_t n = 0; n < kOrders; ++n) {
    double product = 0;
    for (const auto& [ngram, weight] : caption.ngrams[n]) {
      const auto found = reference.ngrams[n].find(ngram);
      if (found != reference.ngrams[n].end()) product += std::min(weight, found->second) * found->second;
    }
    const double norms = caption.norm[n] * reference.norm[n];
    sum += norms > 0 ? product / norms : product;
  }
  return sum * penalty / kOrders;
}

double Cider::score(const CaptionWords& caption, size_t i) const {
  const Weights own = weigh(caption);
  double sum = 0;
  for (const Weights& each : references_[i]) sum += similarity(own, each);
  return references_[i].empty() ? 0 : 10 * sum / static_cast<double>(references_[i].size());
}

}  // namespace recur
