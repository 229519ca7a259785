#include "recur/tasks/series_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
const char* const kTrain = "id,t,x,y,age\na,1,0,10,4\na,2,2,,4\nb,1,4,10,8\nb,2,6,10,8\n";

SequenceSet set_of(const std::string& text) { return sequences_of("a.csv", text, {.columns = {.statics = {"age"}}}); }

SeriesEncoder fitted(const SequenceSet& set) {
  const std::vector<int64_t> train{0, 1};
  return SeriesEncoder::fit(set, train, ScalerKind::kMinMax);
}

TEST(SeriesEncoder, ScalesMarksGapsAndRepeatsStatics) {
  const SequenceSet set = set_of(kTrain);
  const SeriesEncoder encoder = fitted(set);
  EXPECT_EQ(encoder.features(), 4);  // x, y, whether y is missing, age
  EXPECT_THAT(encoder.channels(), ElementsAre("x", "y"));
  EXPECT_THAT(encoder.encode(set, set.sequences[0]), ElementsAre(0, 0, 0, -1, 1.0f / 3, 0, 1, -1));
  EXPECT_THAT(encoder.encode(set, set.sequences[1], 1), ElementsAre(2.0f / 3, 0, 0, 1));
}

TEST(SeriesEncoder, LearnsFromTheTrainingPartAlone) {
  const SequenceSet set = set_of(kTrain);
  const std::vector<int64_t> second{1};
  const SeriesEncoder encoder = SeriesEncoder::fit(set, second, ScalerKind::kMinMax);
  EXPECT_EQ(encoder.features(), 3);  // it has seen no gaps
  EXPECT_FLOAT_EQ(encoder.encode(set, set.sequences[0])[0], -2);
}

TEST(SeriesEncoder, EncodesAStepAsAWholeSequence) {
  const SequenceSet set = sequences_of("a.csv", "t,x,y\n1,0,10\n2,2,\n3,5,30\n");
  const std::vector<int64_t> train{0};
  const SeriesEncoder encoder = SeriesEncoder::fit(set, train, ScalerKind::kStandard);
  const std::vector<float> whole = encoder.encode(set, set.sequences[0]);
  std::vector<float> step(3);
  for (int64_t t = 0; t < 3; ++t) {
    encoder.encode_step(set.step(set.sequences[0], t), step);
    EXPECT_THAT(step, ::testing::ElementsAreArray(whole.begin() + 3 * t, whole.begin() + 3 * t + 3));
  }
  encoder.encode_step(std::vector{kMissing, 10.0f}, step);
  EXPECT_EQ(step[0], 0);
}

TEST(SeriesEncoder, IsTheSameFromItsAssets) {
  const SequenceSet set = set_of(kTrain);
  const SeriesEncoder encoder = fitted(set), again(encoder.assets());
  EXPECT_EQ(again.assets(), encoder.assets());
  EXPECT_EQ(again.encode(set, set.sequences[0]), encoder.encode(set, set.sequences[0]));
}

TEST(SeriesEncoder, RefusesDataWithoutAnyValue) {
  const SequenceSet set = sequences_of("a.csv", "id,t,x\na,1,\na,2,\nb,1,3\n", {.columns = {.values = {"x"}}});
  const std::vector<int64_t> first{0}, both{0, 1};
  EXPECT_ERROR(SeriesEncoder::fit(set, first, ScalerKind::kStandard), "a.csv: expected values to train on");
  EXPECT_EQ(SeriesEncoder::fit(set, both, ScalerKind::kStandard).features(), 2);
}

TEST(SeriesEncoder, RefusesOtherColumnsAndDamagedAssets) {
  const SeriesEncoder encoder = fitted(set_of(kTrain));
  const SequenceSet other = sequences_of("b.csv", "id,t,x,age\na,1,0,4\na,2,1,4\n", {.columns = {.statics = {"age"}}});
  EXPECT_ERROR(encoder.encode(other, other.sequences[0]), "b.csv: expected the channels of the model, x, y");
  for (const char* name : {"columns", "channels", "scaler", "static_scaler"}) {
    Assets assets = encoder.assets();
    assets.erase(name);
    EXPECT_ERROR(SeriesEncoder{assets}, name);
  }
  Assets assets = encoder.assets();
  assets["channels"] = R"({"channels": ["x", "y"], "statics": ["age"], "gaps": [2]})";
  EXPECT_ERROR(SeriesEncoder{assets}, "expected channels and indices");
  assets["channels"] = R"({"channels": 3})";
  EXPECT_ERROR(SeriesEncoder{assets}, "channels");
}

}  // namespace
}  // namespace recur
