#include "recur/tasks/diagnose/last_values.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/tasks/baselines/logistic_regression.h"
#include "recur/tasks/diagnose/diagnose_score.h"

namespace recur {
namespace {

constexpr int64_t kMostNumbers = 1 << 24;  // of all features that a regression is fitted on: 64 MB

Loaded<EncodedRecord> load(const DiagnoseExamples& examples, int64_t i) {
  Random none(0);
  return examples.records->load(i, none);
}

int64_t channels_of(const EncodedRecord& record) { return std::ssize(record.values) / record.steps; }

}  // namespace

std::vector<float> last_values(const EncodedRecord& record, int64_t channels) {
  std::vector<float> out(static_cast<size_t>(2 * channels), 0);
  for (int64_t c = 0; c < channels; ++c) {
    float last = std::numeric_limits<float>::quiet_NaN();
    for (int64_t t = record.steps; t-- > 0 && std::isnan(last);) last = record.values[t * channels + c];
    out[c] = std::isnan(last) ? 0 : last;
    out[channels + c] = std::isnan(last) ? 1 : 0;
  }
  out.insert(out.end(), record.statics.begin(), record.statics.end());
  return out;
}

LastValues LastValues::fit(const DiagnoseExamples& train, const LabelSet& labels) {
  LastValues all;
  std::vector<float> x;
  int64_t features = 0;
  int64_t every = 1;  // of more records than that some are as good, evenly spaced
  for (int64_t i = 0; i < train.size(); i += every) {
    const auto record = load(train, i);
    const std::vector<float> row = last_values(*record, channels_of(*record));
    features = std::ssize(row);
    if (features > kMostFeatures) return all;
    if (i == 0) every = std::max<int64_t>((train.size() * features + kMostNumbers - 1) / kMostNumbers, 1);
    x.insert(x.end(), row.begin(), row.end());
  }
  for (int64_t l = 0; l < labels.predicted(); ++l) {
    std::vector<float> answers;
    for (int64_t i = 0; i < train.size(); i += every) answers.push_back(train.answers_of(i)[l]);
    all.weights_.push_back(fit_logistic(x, answers, features));
  }
  return all;
}

std::vector<BaselineResult> LastValues::measure(const DiagnoseExamples& examples, const LabelSet& labels) const {
  if (empty()) return {};
  // As of records of one step: only the last one counts.
  DiagnoseScores scores(labels.predicted(), std::vector<int64_t>(static_cast<size_t>(examples.size()), 1));
  std::vector<float> logits(static_cast<size_t>(labels.predicted()));
  for (int64_t i = 0; i < examples.size(); ++i) {
    const auto record = load(examples, i);
    const std::vector<float> x = last_values(*record, channels_of(*record));
    for (size_t l = 0; l < logits.size(); ++l) logits[l] = static_cast<float>(logit(weights_[l], x));
    scores.set_record(i, logits);
  }
  std::vector<Metric> metrics = recur::measure(scores, examples, labels).metrics;
  std::erase_if(metrics, [](const Metric& each) { return each.name.ends_with("f1"); });
  return {{"last values, logistic regression", std::move(metrics)}};
}

std::string LastValues::to_text() const {
  std::vector<double> weights;
  for (const std::vector<double>& of_label : weights_) {
    weights.insert(weights.end(), of_label.begin(), of_label.end());
  }
  return Json{{"weights", weights}}.dump();
}

LastValues LastValues::from_text(std::string_view text, const LabelSet& labels, int64_t features) {
  const auto json = parse_json(text, 2);
  if (!json || !json->is_object()) fail("baselines: expected a JSON object");
  std::vector<double> weights;
  try {
    weights = json->at("weights").get<std::vector<double>>();
  } catch (const JsonError& error) {
    fail("baselines: {}", error.what());
  }
  LastValues all;
  const int64_t width = features + 1;
  if (weights.empty()) return all;
  const bool finite = std::ranges::all_of(weights, [](double w) { return std::isfinite(w); });
  if (!finite || std::ssize(weights) != labels.predicted() * width) {
    fail("baselines: expected {} weights of each of {} labels", width, labels.predicted());
  }
  for (auto at = weights.begin(); at != weights.end(); at += width) all.weights_.emplace_back(at, at + width);
  return all;
}

}  // namespace recur
