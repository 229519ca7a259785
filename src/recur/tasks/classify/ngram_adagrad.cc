#include "recur/tasks/classify/ngram_adagrad.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/tasks/classify/log_sum.h"

namespace recur {
namespace {

constexpr float kRate = 0.1f, kBiasRate = 0.001f;

}  // namespace

AdaGradNgrams::AdaGradNgrams(const NgramTexts& texts, int64_t buckets, int64_t classes,
                             std::span<const float> weight_of)
    : NgramWeights(texts, buckets, classes, weight_of), squares_(weights_.size(), 1e-8f) {}

void AdaGradNgrams::begin(std::span<const int64_t> which) {
  std::vector<double> counts(classes_, 0), totals(classes_, 0);
  for (const int64_t i : which) {
    counts[class_of(i)] += weight_of(i);
    for_each(i, [&](size_t row, double) { ++weights_[row + class_of(i)]; });
  }
  for (size_t row = 0; row < weights_.size(); row += classes_) {
    if (!is_used(row)) continue;
    for (size_t c = 0; c < classes_; ++c) totals[c] += weights_[row + c] + 1;
  }
  for (size_t row = 0; row < weights_.size(); row += classes_) {
    if (is_used(row)) make_odds(row, totals);
  }
  for (size_t c = 0; c < classes_; ++c) biases_[c] = static_cast<float>(std::log(std::max(counts[c], 0.5)));
  const float mean = std::accumulate(biases_.begin(), biases_.end(), 0.0f) / static_cast<float>(classes_);
  for (float& each : biases_) each -= mean;
}

bool AdaGradNgrams::is_used(size_t row) const {
  const auto first = weights_.begin() + static_cast<int64_t>(row);
  return std::any_of(first, first + static_cast<int64_t>(classes_), [](float count) { return count > 0; });
}

void AdaGradNgrams::make_odds(size_t row, std::span<const double> totals) {
  const std::span<float> odds(&weights_[row], classes_);
  float mean = 0;
  for (size_t c = 0; c < classes_; ++c) {
    odds[c] = static_cast<float>(std::log((odds[c] + 1) / totals[c]));
    mean += odds[c] / static_cast<float>(classes_);
  }
  for (float& each : odds) each -= mean;
}

void AdaGradNgrams::pass(std::span<const int64_t> order) {
  for (const int64_t i : order) learn(i);
}

void AdaGradNgrams::learn(int64_t i) {
  score(i);
  const double all = log_sum(scores_);
  for (size_t c = 0; c < classes_; ++c) {
    scores_[c] =
        (std::exp(scores_[c] - all) - (c == class_of(i) ? 1 : 0)) * weight_of(i);  // the gradients of the scores
    biases_[c] -= kBiasRate * static_cast<float>(scores_[c]);
  }
  for_each(i, [&](size_t row, double value) {
    for (size_t c = 0; c < classes_; ++c) {
      const auto gradient = static_cast<float>(scores_[c] * value);
      float& squares = squares_[row + c];
      squares += gradient * gradient;
      weights_[row + c] -= kRate * gradient / std::sqrt(squares);
    }
  });
}

}  // namespace recur
