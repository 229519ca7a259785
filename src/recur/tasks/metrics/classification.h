// Metrics of classification: confusion matrix, accuracy, F1, calibration.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

// Counts of one label, or the sum over several. Ratios with denominator 0 are 0.
struct BinaryCounts {
  int64_t hits = 0;          // true positives
  int64_t false_alarms = 0;  // false positives
  int64_t misses = 0;        // false negatives

  void add(bool actual, bool predicted);
  BinaryCounts& operator+=(const BinaryCounts& other);

  double precision() const;
  double recall() const;
  double f1() const;  // harmonic mean of both
  bool seen() const { return hits + false_alarms + misses > 0; }
};

// Mean of the labels' F1, each label the same weight; labels that were neither there nor predicted are left out.
double macro_f1(std::span<const BinaryCounts> labels);
// F1 of all labels' counts added up: each decision the same weight.
double micro_f1(std::span<const BinaryCounts> labels);

// Classes are numbered 0 .. classes - 1.
class ConfusionMatrix {
 public:
  explicit ConfusionMatrix(int64_t classes) : classes_(classes), counts_(static_cast<size_t>(classes * classes)) {}

  void add(int64_t actual, int64_t predicted) { ++counts_[index(actual, predicted)]; }

  int64_t classes() const { return classes_; }
  int64_t at(int64_t actual, int64_t predicted) const { return counts_[index(actual, predicted)]; }
  int64_t total() const;
  double accuracy() const;  // 0 of nothing
  std::vector<BinaryCounts> by_class() const;

 private:
  size_t index(int64_t actual, int64_t predicted) const { return static_cast<size_t>(actual * classes_ + predicted); }

  int64_t classes_;
  std::vector<int64_t> counts_;  // [actual][predicted]
};

// Expected calibration error: predictions are put into `bins` of equal width by their confidence in [0, 1], and the
// distances between mean confidence and accuracy of the bins are averaged, weighted by their numbers (Naeini,
// Cooper and Hauskrecht 2015; 15 bins after Guo et al. 2017). 0 of nothing.
class CalibrationError {
 public:
  explicit CalibrationError(int bins = 15) : bins_(static_cast<size_t>(bins)) {}

  void add(double confidence, bool correct);
  double value() const;

 private:
  struct Bin {
    int64_t count = 0, correct = 0;
    double confidence = 0;  // their sum
  };
  std::vector<Bin> bins_;
};

}  // namespace recur
