#include "recur/tasks/diagnose/diagnose_examples.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/tasks/diagnose/record_sets.h"

namespace recur {
namespace {

using namespace testing;
using Values = std::vector<float>;

Values values_of(const Tensor& t) {
  const auto values = t.values<float>();
  return {values.begin(), values.end()};
}

// One channel; a record of three steps of which the middle one is empty, one of a single step.
struct Case {
  Case() {
    set.labels = {"ill"};
    set.statics = {"age"};
    for (const auto& [times, values] : {std::pair{std::vector<double>{0, 2}, Values{1, 3}}, {{0}, {2}}}) {
      Sequence& record = add_record(set, times, values);
      record.labels = {set.size() == 1 ? "1" : ""};
      record.statics = {set.size() == 1 ? "40" : "60"};
    }
    encoder = RecordEncoder::fit(set, which, {});
    examples = encode_records(set, which, *encoder, nullptr);
  }
  SequenceSet set = record_set(1);
  std::vector<int64_t> which{0, 1};
  std::optional<RecordEncoder> encoder;
  DiagnoseExamples examples;
};

TEST(DiagnoseExamples, HaveAnswersWhereLabelsAreAskedFor) {
  const Case c;
  EXPECT_EQ(lengths_of(*c.examples.records), (std::vector<int64_t>{3, 1}));
  EXPECT_TRUE(c.examples.answers.empty());
  const LabelSet labels = LabelSet::of(c.set, {});
  const DiagnoseExamples labelled = encode_records(c.set, c.which, *c.encoder, &labels);
  EXPECT_EQ(labelled.answers_of(0)[0], 1);
  EXPECT_TRUE(std::isnan(labelled.answers_of(1)[0]));
}

TEST(DiagnoseExamples, ABatchIsPaddedWithZerosBehindEachEnd) {
  const Case c;
  const std::vector<int32_t> both{1, 0};
  const RecordBatch batch = make_batch(load_examples(*c.examples.records, both), *c.encoder, {});
  EXPECT_EQ(batch.lengths, (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(batch.values.shape(), (Shape{3, 2, 1}));
  const float low = -1 / std::sqrt(2.0f / 3);  // of 1 among 1, 2, 3
  const Values want{0, low, 0, low, 0, -low}, got = values_of(batch.values);
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-6) << i;
  EXPECT_EQ(values_of(batch.masks), (Values{1, 1, 0, 0, 0, 1}));
  const float usual = 3.0f / 4;  // 0, 1, 2 and 0 steps
  EXPECT_EQ(values_of(batch.elapsed), (Values{0, 0, 0, 1 / usual, 0, 2 / usual}));
  EXPECT_EQ(values_of(batch.statics), (Values{1, -1}));
}

}  // namespace
}  // namespace recur
