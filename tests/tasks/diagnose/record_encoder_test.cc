#include "recur/tasks/diagnose/record_encoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/diagnose/record_sets.h"

namespace recur {
namespace {

using namespace testing;

// Channel a has the values 1, 2, 3 in the records 0 and 1, and 100 in record 2; b is measured once.
SequenceSet some() {
  SequenceSet set = record_set(2);
  set.statics = {"age"};
  add_record(set, {0, 1}, {1, kNone, 2, 7}).statics = {"40"};
  add_record(set, {0, 2}, {3, kNone, kNone, kNone}).statics = {"60"};
  add_record(set, {0}, {100, kNone}).statics = {""};
  return set;
}

const std::vector<int64_t> kTrain{0, 1};

TEST(RecordEncoder, LearnsFromTheTrainingPartAlone) {
  const SequenceSet set = some();
  const RecordEncoder encoder = RecordEncoder::fit(set, kTrain, {.clip = 0});
  const EncodedRecord first = encoder.encode(set, set.sequences[0]);
  EXPECT_EQ(first.steps, 2);
  EXPECT_NEAR(first.values[0], -1 / std::sqrt(2.0 / 3), 1e-5);  // mean 2, deviation sqrt(2 / 3)
  EXPECT_TRUE(std::isnan(first.values[1]));
  EXPECT_NEAR(first.values[2], 0, 1e-6);
  EXPECT_NEAR(first.values[3], 0, 1e-6);
  EXPECT_NEAR(first.statics[0], -1, 1e-6);
  EXPECT_EQ(encoder.encode(set, set.sequences[2]).statics[0], 0);  // missing
  EXPECT_GT(encoder.encode(set, set.sequences[2]).values[0], 100);
}

TEST(RecordEncoder, BringsOutliersToTheClip) {
  const SequenceSet set = some();
  const RecordEncoder encoder = RecordEncoder::fit(set, kTrain, {.clip = 4});
  EXPECT_EQ(encoder.encode(set, set.sequences[2]).values[0], 4);
}

TEST(RecordEncoder, OutliersDoNotWidenTheDeviation) {
  SequenceSet set = record_set(1);
  std::vector<float> values;
  std::vector<double> times;
  for (int i = 0; i < 100; ++i) {
    values.push_back(i % 2 == 0 ? 1.0f : -1.0f);
    times.push_back(i);
  }
  values[50] = 1e4f;
  add_record(set, times, values);
  const std::vector<int64_t> train{0};
  EXPECT_NEAR(RecordEncoder::fit(set, train, {.clip = 5}).encode(set, set.sequences[0]).values[0], 1, 0.05);
}

TEST(RecordEncoder, TakesNormalValuesFromATable) {
  const Scratch scratch;
  write_bytes(scratch / "normal.csv", "channel,value,unit\na,1,kg\nheight,7,m\n");
  const SequenceSet set = some();
  const RecordEncoder encoder =
      RecordEncoder::fit(set, kTrain, {.gaps = {.normal_values = (scratch / "normal.csv").string()}, .clip = 0});
  const EncodedRecord first = encoder.encode(set, set.sequences[0]);
  EXPECT_EQ(first.values[0], 0);                               // is normal
  EXPECT_NEAR(first.values[2], 1 / std::sqrt(2.0 / 3), 1e-5);  // in deviations
  EXPECT_NEAR(first.values[3], 0, 1e-6);                       // not named: the mean
}

TEST(RecordEncoder, MeasuresTimesInWhatIsUsual) {
  const SequenceSet set = some();
  const RecordEncoder encoder = RecordEncoder::fit(set, kTrain, {});
  // Steps of both records: a 0 1 | 0 1 2, b 0 1 | 0 1 2.
  EXPECT_NEAR(encoder.usual_elapsed()[0], (0 + 1 + 0 + 1 + 2) / 5.0, 1e-6);
  EXPECT_NEAR(encoder.usual_elapsed()[1], 4 / 5.0, 1e-6);
}

TEST(RecordEncoder, GoesThroughAssets) {
  const SequenceSet set = some();
  const DiagnoseDataOptions options;
  const RecordEncoder encoder = RecordEncoder::fit(set, kTrain, options), again(encoder.assets(), options);
  const EncodedRecord a = encoder.encode(set, set.sequences[1]), b = again.encode(set, set.sequences[1]);
  EXPECT_EQ(a.values[0], b.values[0]);
  EXPECT_EQ(a.statics, b.statics);
  EXPECT_EQ(encoder.usual_elapsed(), again.usual_elapsed());
}

TEST(RecordEncoder, RefusesOtherChannelsAndStatics) {
  const SequenceSet set = some();
  const RecordEncoder encoder = RecordEncoder::fit(set, kTrain, {});
  SequenceSet other = record_set(3);
  EXPECT_ERROR(encoder.encode(other, add_record(other, {0}, {1, 2, 3})), "expected the channels of the model, a, b");
  SequenceSet bare = record_set(2);
  EXPECT_ERROR(encoder.encode(bare, add_record(bare, {0}, {1, 2})), "expected the static columns of the model, age");
  SequenceSet word = some();
  word.sequences[0].statics = {"old"};
  EXPECT_ERROR(encoder.encode(word, word.sequences[0]), "column age: expected a number");
}

TEST(RecordEncoder, RefusesAssetsThatDoNotFit) {
  Assets assets = RecordEncoder::fit(some(), kTrain, {}).assets();
  const auto with = [&](const std::string& from, const std::string& to) {
    Assets changed = assets;
    std::string& text = changed["channels"];
    const size_t at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    text.replace(at, from.size(), to);
    return changed;
  };
  EXPECT_ERROR(RecordEncoder(with(R"(["a","b"])", R"(["a"])"), {}), "one scale for each");
  EXPECT_ERROR(RecordEncoder(with(R"(["age"])", "[]"), {}), "one scale for each");
  EXPECT_ERROR(RecordEncoder(with(R"("scales":[)", R"("scales":[0,-1,)"), {}), "positive scales");
  EXPECT_ERROR(RecordEncoder(with(R"("usual_elapsed":[)", R"("usual_elapsed":[-)"), {}), "measurement intervals");
  EXPECT_ERROR(RecordEncoder(with("{", ""), {}), "JSON");
  assets.erase("columns");
  EXPECT_ERROR(RecordEncoder(assets, {}), "lacks 'columns'");
}

}  // namespace
}  // namespace recur
