#include "recur/tasks/metrics/chrf.h"

#include <span>
#include <vector>

#include "recur/tasks/metrics/ngram_overlap.h"
#include "recur/tasks/metrics/text_units.h"

namespace recur {

void ChrfMeter::add(std::string_view hypothesis, std::string_view reference) {
  const std::vector<char32_t> said = letters_of(hypothesis), right = letters_of(reference);
  for (size_t n = 1; n <= kOrders; ++n) {
    const NgramOverlap overlap = ngram_overlap(std::span(said), std::span(right), n);
    // A reference too short for any n-gram of this order says nothing about those of the hypothesis.
    total_[n - 1] += overlap.second > 0 ? overlap.first : 0;
    reference_total_[n - 1] += overlap.second;
    shared_[n - 1] += overlap.shared;
  }
}

void ChrfMeter::add(const ChrfMeter& other) {
  for (size_t n = 0; n < kOrders; ++n) {
    total_[n] += other.total_[n];
    reference_total_[n] += other.reference_total_[n];
    shared_[n] += other.shared_[n];
  }
}

double ChrfMeter::score() const {
  constexpr double kBeta2 = 4;
  double precision = 0, recall = 0;
  int orders = 0;
  for (size_t n = 0; n < kOrders; ++n) {
    if (total_[n] == 0 || reference_total_[n] == 0) continue;
    ++orders;
    precision += static_cast<double>(shared_[n]) / static_cast<double>(total_[n]);
    recall += static_cast<double>(shared_[n]) / static_cast<double>(reference_total_[n]);
  }
  if (orders == 0 || precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (1 + kBeta2) * precision * recall / (kBeta2 * precision + recall);
}

}  // namespace recur
