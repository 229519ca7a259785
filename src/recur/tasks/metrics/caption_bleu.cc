#include "recur/tasks/metrics/caption_bleu.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <map>
#include <string>
#include <utility>

namespace recur {

void CaptionBleu::add(const CaptionWords& caption, std::span<const CaptionWords> references) {
  const int64_t own = std::ssize(caption);
  std::pair<int64_t, int64_t> closest{INT64_MAX, 0};
  for (const CaptionWords& each : references) {
    closest = std::min(closest, {std::abs(std::ssize(each) - own), std::ssize(each)});
  }
  words_ += own;
  reference_words_ += closest.second;
  for (size_t n = 1; n <= kOrders; ++n) {
    std::map<std::string, int> most;
    for (const CaptionWords& each : references) {
      for (const auto& [ngram, count] : ngram_counts(each, n)) most[ngram] = std::max(most[ngram], count);
    }
    for (const auto& [ngram, count] : ngram_counts(caption, n)) {
      const auto found = most.find(ngram);
      if (found != most.end()) correct_[n - 1] += std::min(count, found->second);
    }
    guessed_[n - 1] += std::max<int64_t>(own - static_cast<int64_t>(n) + 1, 0);
  }
}

std::array<double, CaptionBleu::kOrders> CaptionBleu::scores() const {
  // coco-caption's: they keep it from dividing by 0.
  constexpr double kSmall = 1e-9, kTiny = 1e-15;
  std::array<double, kOrders> out{};
  const double ratio = (static_cast<double>(words_) + kTiny) / (static_cast<double>(reference_words_) + kSmall);
  const double brevity = ratio < 1 ? std::exp(1 - 1 / ratio) : 1;
  double product = 1;
  for (size_t n = 0; n < kOrders; ++n) {
    product *= (static_cast<double>(correct_[n]) + kTiny) / (static_cast<double>(guessed_[n]) + kSmall);
    out[n] = std::pow(product, 1 / static_cast<double>(n + 1)) * brevity;
  }
  return out;
}

}  // namespace recur
