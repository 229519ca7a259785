#include "recur/tasks/detect/z_score.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"

namespace recur {
namespace {

// One channel around 10, where an anomaly is further away than anything normal.
DetectData data(bool anomalies) {
  DetectSequence sequence{.input = {}, .target = {}, .truth = {}, .steps = 20};
  for (int t = 0; t < 20; ++t) {
    const bool anomalous = anomalies && t % 5 == 2;
    sequence.target.push_back(anomalous ? 16.0f : 10 + (t % 2 == 0 ? 1.0f : -1.0f));
    sequence.truth.push_back(anomalous ? Truth::kAnomalous : Truth::kNormal);
  }
  sequence.input = sequence.target;
  return {.sequences = {std::move(sequence)}, .features = 1, .channels = 1};
}

DetectOptions options() {
  DetectOptions options;
  options.model.method = "classify";  // of the network; the baseline needs no labels
  options.data.window = 4;
  options.threshold.level = "steps";
  options.threshold.warm_up = 0;
  return options;
}

TEST(ZScore, FarValuesAreAnomalies) {
  const ZScore score = ZScore::fit(data(true), data(true), options());
  const BaselineResults results = score.measure(data(true), options());
  ASSERT_EQ(results.methods.size(), 1u);
  EXPECT_EQ(results.by.metric, "auprc");
  for (const Metric& metric : results.methods[0].metrics) {
    EXPECT_NE(metric.name, "loss");
    if (metric.name == "auprc" || metric.name == "f1") {
      EXPECT_EQ(metric.value, 1) << metric.name;
    }
  }
}

TEST(ZScore, WithoutAnomaliesThereIsNothingToCompare) {
  const ZScore score = ZScore::fit(data(false), data(false), options());
  EXPECT_TRUE(score.measure(data(false), options()).methods.empty());
}

TEST(ZScore, TextBecomesTheSame) {
  const ZScore score = ZScore::fit(data(true), data(true), options());
  EXPECT_EQ(ZScore::from_text(score.to_text(), 1).to_text(), score.to_text());
  EXPECT_ERROR((ZScore::from_text(score.to_text(), 2)), "");
}

}  // namespace
}  // namespace recur
