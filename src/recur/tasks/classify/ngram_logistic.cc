#include "recur/tasks/classify/ngram_logistic.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace recur {

LogisticNgrams::LogisticNgrams(const NgramTexts& texts, int64_t buckets, int64_t classes,
                               std::span<const float> weight_of)
    : NgramWeights(texts, buckets, classes, weight_of),
      squared_odds_(weights_.size(), 0),
      duals_(static_cast<size_t>(texts.size()) * classes_, 0),
      norms_(classes_) {}

void LogisticNgrams::begin(std::span<const int64_t> which) {
  std::vector<float>& counts = squared_odds_;
  for (const int64_t i : which) {
    for_each(i, [&](size_t row, double) { ++counts[row + class_of(i)]; });
  }
  // Each n-gram that there is counts once more, for each class as for the others.
  std::vector<double> totals(classes_, 0);
  double all = 0, used = 0;
  const auto sum_of = [&](size_t row) {
    double sum = 0;
    for (size_t c = 0; c < classes_; ++c) sum += counts[row + c];
    return sum;
  };
  for (size_t row = 0; row < counts.size(); row += classes_) {
    const double sum = sum_of(row);
    if (sum == 0) continue;
    for (size_t c = 0; c < classes_; ++c) totals[c] += counts[row + c];
    all += sum;
    ++used;
  }
  for (size_t row = 0; row < counts.size(); row += classes_) {
    const double sum = sum_of(row);
    if (sum == 0) continue;
    for (size_t c = 0; c < classes_; ++c) {
      const double own = counts[row + c];
      const double odds =
          std::log((own + 1) / (totals[c] + used)) - std::log((sum - own + 1) / (all - totals[c] + used));
      squared_odds_[row + c] = static_cast<float>(odds * odds);
    }
  }
}

void LogisticNgrams::set_strength(double c) {
  const auto ratio = static_cast<float>(strength_ > 0 ? c / strength_ : 0);
  for (std::vector<float>* each : {&weights_, &biases_, &duals_}) {
    for (float& value : *each) value *= ratio;
  }
  strength_ = c;
}

void LogisticNgrams::pass(std::span<const int64_t> order) {
  for (const int64_t i : order) learn(i);
}

// The weights are those of n-grams as they are: v times the odds, so that a step of v times the odds is one of odds^2.
void LogisticNgrams::learn(int64_t i) {
  std::ranges::copy(biases_, scores_.begin());
  std::ranges::fill(norms_, 1.0);  // the bias is the weight of a feature that is always 1
  for_each(i, [&](size_t row, double value) {
    for (size_t c = 0; c < classes_; ++c) {
      scores_[c] += weights_[row + c] * value;
      norms_[c] += squared_odds_[row + c] * value * value;
    }
  });
  const double bound = strength_ * weight_of(i);
  if (bound <= 0) return;
  std::vector<double>& steps = norms_;
  for (size_t c = 0; c < classes_; ++c) {
    const double sign = c == class_of(i) ? 1 : -1;
    float& dual = duals_[static_cast<size_t>(i) * classes_ + c];
    const double now = logistic_dual(norms_[c], sign * scores_[c], dual, bound);
    steps[c] = sign * (now - dual);
    dual = static_cast<float>(now);
    biases_[c] += static_cast<float>(steps[c]);
  }
  for_each(i, [&](size_t row, double value) {
    for (size_t c = 0; c < classes_; ++c) {
      weights_[row + c] += static_cast<float>(steps[c] * value * squared_odds_[row + c]);
    }
  });
}

double logistic_dual(double norm, double margin, double old, double bound) {
  constexpr double kClose = 1e-4;
  constexpr int kMostSteps = 50;
  // In t = ln(a / (bound - a)) the left side rises by at least 1 for each 1, so that Newton's method is quick; where it
  // leaves the bracket, halving goes on.
  double low = -std::numeric_limits<double>::infinity(), high = -low, t = -margin;
  for (int k = 0; k < kMostSteps; ++k) {
    const double share = 1 / (1 + std::exp(-t)), left = norm * (bound * share - old) + margin + t;
    if (std::abs(left) < kClose) break;
    (left > 0 ? high : low) = t;
    double next = t - left / (norm * bound * share * (1 - share) + 1);
    // The root is at most |left| away.
    if (next <= low) next = (std::max(low, t - left) + t) / 2;
    if (next >= high) next = (std::min(high, t - left) + t) / 2;
    t = next;
  }
  return bound / (1 + std::exp(-t));
}

}  // namespace recur
