// The baseline of diagnosis: the last values of a record in a logistic regression.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/baseline_results.h"
#include "recur/tasks/diagnose/diagnose_examples.h"

namespace recur {

// Of each channel the last value that is known, 0 (which is normal) without one, and 1 where there is none; and the
// statics. One regression for each label that is predicted, C = 1. Of more than 2^24 such numbers in all, which may not
// fit into memory, it learns from evenly spaced records.
class LastValues {
 public:
  static constexpr int64_t kMostFeatures = 512;

  // Without regressions where there are more features than that.
  static LastValues fit(const DiagnoseExamples& train, const LabelSet& labels);

  bool empty() const { return weights_.empty(); }
  // loss and the metrics of multilabel_metrics() that need no threshold.
  std::vector<BaselineResult> measure(const DiagnoseExamples& examples, const LabelSet& labels) const;

  std::string to_text() const;
  // Of a model with these labels and 2 C + S features. Throws Error: it is untrusted input.
  static LastValues from_text(std::string_view json, const LabelSet& labels, int64_t features);

 private:
  std::vector<std::vector<double>> weights_;  // of each predicted label: [features + 1]
};

// [2 C + S]
std::vector<float> last_values(const EncodedRecord& record, int64_t channels);

}  // namespace recur
