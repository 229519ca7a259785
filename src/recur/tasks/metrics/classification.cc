#include "recur/tasks/metrics/classification.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/base/error.h"

namespace recur {
namespace {

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

void BinaryCounts::add(bool actual, bool predicted) {
  hits += actual && predicted;
  false_alarms += !actual && predicted;
  misses += actual && !predicted;
}

BinaryCounts& BinaryCounts::operator+=(const BinaryCounts& other) {
  hits += other.hits;
  false_alarms += other.false_alarms;
  misses += other.misses;
  return *this;
}

double BinaryCounts::precision() const { return ratio(hits, hits + false_alarms); }
double BinaryCounts::recall() const { return ratio(hits, hits + misses); }
double BinaryCounts::f1() const { return ratio(2 * hits, 2 * hits + false_alarms + misses); }

double macro_f1(std::span<const BinaryCounts> labels) {
  double sum = 0;
  for (const BinaryCounts& label : labels) sum += label.f1();
  const auto seen = std::ranges::count_if(labels, &BinaryCounts::seen);
  return seen == 0 ? 0 : sum / static_cast<double>(seen);
}

double micro_f1(std::span<const BinaryCounts> labels) {
  BinaryCounts all;
  for (const BinaryCounts& label : labels) all += label;
  return all.f1();
}

int64_t ConfusionMatrix::total() const { return std::accumulate(counts_.begin(), counts_.end(), int64_t{0}); }

double ConfusionMatrix::accuracy() const {
  int64_t right = 0;
  for (int64_t c = 0; c < classes_; ++c) right += at(c, c);
  return ratio(right, total());
}

std::vector<BinaryCounts> ConfusionMatrix::by_class() const {
  std::vector<BinaryCounts> result(static_cast<size_t>(classes_));
  for (int64_t actual = 0; actual < classes_; ++actual) {
    for (int64_t predicted = 0; predicted < classes_; ++predicted) {
      const int64_t count = at(actual, predicted);
      if (actual == predicted) {
        result[actual].hits += count;
      } else {
        result[actual].misses += count;
        result[predicted].false_alarms += count;
      }
    }
  }
  return result;
}

void CalibrationError::add(double confidence, bool correct) {
  if (std::isnan(confidence)) fail("calibration error: expected a confidence from 0 to 1, got NaN");
  const auto last = static_cast<double>(bins_.size() - 1);
  const double bin = std::clamp(std::floor(confidence * static_cast<double>(bins_.size())), 0.0, last);
  Bin& into = bins_[static_cast<size_t>(bin)];
  ++into.count;
  into.correct += correct;
  into.confidence += confidence;
}

double CalibrationError::value() const {
  double distance = 0;
  int64_t count = 0;
  for (const Bin& bin : bins_) {
    distance += std::abs(bin.confidence - static_cast<double>(bin.correct));
    count += bin.count;
  }
  return count == 0 ? 0 : distance / static_cast<double>(count);
}

}  // namespace recur
