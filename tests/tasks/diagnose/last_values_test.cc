#include "recur/tasks/diagnose/last_values.h"

#include <gtest/gtest.h>

#include "recur/base/random.h"
#include "tests/support/throws.h"
#include "tests/tasks/diagnose/record_sets.h"

namespace recur {
namespace {

using namespace testing;

LabelSet one_label() { return LabelSet::from_text(R"({"labels": ["ill"], "auxiliary": 0, "thresholds": [0.5]})"); }

// The answer is whether the last known value is positive.
DiagnoseExamples examples(int count, uint64_t seed) {
  Random random(seed);
  std::vector<EncodedRecord> records;
  DiagnoseExamples all{.records = {}, .answers = {}, .labels = 1};
  for (int i = 0; i < count; ++i) {
    const auto first = static_cast<float>(random.normal()), last = static_cast<float>(random.normal());
    records.push_back({.values = {first, last, kNone}, .statics = {}, .steps = 3});
    all.answers.push_back(last > 0 ? 1 : 0);
  }
  all.records = dataset_of(std::move(records));
  return all;
}

TEST(LastValues, TheLastKnownValueOfEachChannelWhatIsMissingAndStatics) {
  const EncodedRecord record{.values = {1, kNone, 2, kNone, kNone, kNone}, .statics = {7}, .steps = 3};
  EXPECT_EQ(last_values(record, 2), (std::vector<float>{2, 0, 0, 1, 7}));
}

TEST(LastValues, LearnWhatTheLastValueSays) {
  const LabelSet labels = one_label();
  const LastValues baseline = LastValues::fit(examples(200, 1), labels);
  const auto results = baseline.measure(examples(100, 2), labels);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].metrics[1].name, "auc");
  EXPECT_GT(results[0].metrics[1].value, 0.99);
  const LastValues again = LastValues::from_text(baseline.to_text(), labels, 2);
  EXPECT_EQ(again.measure(examples(100, 2), labels)[0].metrics[1].value, results[0].metrics[1].value);
}

TEST(LastValues, WeightsOfAnotherModelAreRefused) {
  const LabelSet labels = one_label();
  const std::string text = LastValues::fit(examples(20, 1), labels).to_text();
  EXPECT_ERROR((LastValues::from_text(text, labels, 5)), "baselines: expected 6 weights of each of 1 labels");
}

}  // namespace
}  // namespace recur
