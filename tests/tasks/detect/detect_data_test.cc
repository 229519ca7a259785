#include "recur/tasks/detect/detect_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/tasks/detect/detect_windows.h"
#include "tests/data/sequences_of.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::Scratch;
using testing::write_bytes;
constexpr Truth kNormal = Truth::kNormal, kAnomalous = Truth::kAnomalous, kUnknown = Truth::kUnknown;

TEST(TruthOf, KnowsUsualWords) {
  for (const char* word : {"0", "Normal", "false", "OK"}) EXPECT_EQ(truth_of(word, {}), kNormal) << word;
  for (const char* word : {"1", "anomaly", "TRUE", "fault"}) EXPECT_EQ(truth_of(word, {}), kAnomalous) << word;
  EXPECT_EQ(truth_of("", {}), kUnknown);
  EXPECT_ERROR(truth_of("V", {}), "label 'V': expected a label known as normal or as an anomaly; set normal_labels");
}

TEST(TruthOf, GoesByTheLabelsNamedNormal) {
  EXPECT_EQ(truth_of("N", {"N", "Q"}), kNormal);
  EXPECT_EQ(truth_of("V", {"N", "Q"}), kAnomalous);
  EXPECT_EQ(truth_of("0", {"N"}), kAnomalous);
  EXPECT_EQ(truth_of("", {"N"}), kUnknown);
}

class DetectDataTest : public ::testing::Test {
 protected:
  SequenceSet read(const std::string& name, const std::string& text, const DetectOptions& options = {},
                   const Columns* columns = nullptr, bool need_labels = true) const {
    write_bytes(scratch_ / name, text);
    return read_detect({scratch_ / name}, options, columns, need_labels);
  }

  Scratch scratch_;
};

TEST_F(DetectDataTest, LabelsOfRowsAreLabelsOfSteps) {
  const SequenceSet set = read("a.csv", "t,x,label\n1,5,0\n2,6,1\n3,7,\n");
  EXPECT_THAT(truth_of(set, set.sequences[0], {}), ElementsAre(kNormal, kAnomalous, kUnknown));
  const SequenceSet never = read("b.csv", "t,x,label\n1,5,0\n2,6,0\n");  // even where it never changes
  EXPECT_THAT(never.columns.step_labels, ElementsAre("label"));
}

TEST_F(DetectDataTest, SaysWhereALabelIsThatMayMeanEither) {
  const SequenceSet steps = read("a.csv", "id,t,x,label\np,1,5,0\np,2,6,V\n");
  EXPECT_ERROR(truth_of(steps, steps.sequences[0], {}), "a.csv: step 2 of sequence 'p': label 'V': expected");
  const SequenceSet rows = read("b.csv", "label,v1,v2,v3,v4,v5,v6,v7,v8\n0,1,2,3,4,5,6,7,8\nV,1,2,3,4,5,6,7,8\n");
  EXPECT_ERROR(truth_of(rows, rows.sequences[1], {}), "b.csv:3: label 'V': expected");
}

TEST_F(DetectDataTest, LabelsOfWideRowsAreLabelsOfSequences) {
  const SequenceSet set = read("a.csv", "label,v1,v2,v3,v4,v5,v6,v7,v8\n0,1,2,3,4,5,6,7,8\n1,1,2,3,4,5,6,7,8\n");
  EXPECT_THAT(truth_of(set, set.sequences[1], {}), ::testing::Each(kAnomalous));
}

TEST_F(DetectDataTest, ADeclaredLabelNeedsNoUsualName) {
  DetectOptions options;
  options.use.label = "state";
  const SequenceSet set = read("a.csv", "t,x,state\n1,5,0\n2,6,1\n", options);
  EXPECT_THAT(truth_of(set, set.sequences[0], {}), ElementsAre(kNormal, kAnomalous));
  EXPECT_EQ(set.width(), 1);
}

TEST_F(DetectDataTest, LaterDataMayBringLabelsOrNone) {
  const SequenceSet bare = read("a.csv", "t,x\n1,5\n2,6\n");
  const SequenceSet labelled = read("b.csv", "t,x,label\n1,5,0\n2,6,1\n", {}, &bare.columns);
  EXPECT_THAT(truth_of(labelled, labelled.sequences[0], {}), ElementsAre(kNormal, kAnomalous));
  EXPECT_THAT(truth_of(bare, bare.sequences[0], {}), ::testing::Each(kUnknown));
  const SequenceSet none = read("c.csv", "t,x\n1,5\n2,6\n", {}, &labelled.columns, false);
  EXPECT_THAT(truth_of(none, none.sequences[0], {}), ::testing::Each(kUnknown));
  EXPECT_ERROR(read("c.csv", "t,x\n1,5\n2,6\n", {}, &labelled.columns), "there is no column 'label'");
}

TEST_F(DetectDataTest, EncodesTargetsWithTheirGaps) {
  const SequenceSet set = read("a.csv", "t,x,y\n1,0,1\n2,,1\n3,2,4\n");
  const std::vector<int64_t> train{0};
  const DetectData data =
      encode_detect(std::make_shared<const SequenceSet>(set), SeriesEncoder::fit(set, train, ScalerKind::kMinMax), {});
  EXPECT_EQ(data.features, 3);
  EXPECT_EQ(data.channels, 2);
  EXPECT_THAT(data.sequences[0].target, ElementsAre(0, 0, ::testing::IsNan(), 0, 1, 1));
  EXPECT_EQ(data.count(kUnknown), 3);
}

TEST_F(DetectDataTest, OnDiskPartsAreThoseInMemory) {
  std::string text = "id,t,x,y,label\n";
  for (int t = 0; t < 50; ++t)
    text += fmt::format("{0},{1},{2},{3},{4}\n", t % 2, t, t % 7 == 0 ? "" : "1.5", t, t % 5 == 0);
  const auto memory = std::make_shared<SequenceSet>(read("a.csv", text)), disk = std::make_shared<SequenceSet>(*memory);
  disk->move_to_disk();
  const std::vector<int64_t> train{0, 1};
  const SeriesEncoder encoder = SeriesEncoder::fit(*memory, train, ScalerKind::kStandard);
  const DetectData a = encode_detect(memory, encoder, {}), b = encode_detect(disk, encoder, {});
  EXPECT_FALSE(b.in_memory());
  for (const Truth truth : {kNormal, kAnomalous, kUnknown}) EXPECT_EQ(a.count(truth), b.count(truth));
  EXPECT_EQ(a.sequences[1].name, b.sequences[1].name);
  for (const int64_t i : {0, 1}) {
    const DetectPart one = a.part(i, 3, 17), other = b.part(i, 3, 17);
    EXPECT_TRUE(std::ranges::equal(one.input, other.input));
    EXPECT_TRUE(std::ranges::equal(one.truth, other.truth));
    for (size_t k = 0; k < one.target.size(); ++k) {
      EXPECT_TRUE(one.target[k] == other.target[k] || (std::isnan(one.target[k]) && std::isnan(other.target[k])));
    }
  }
  EXPECT_EQ(training_windows(a, 8, "reconstruct").size(), training_windows(b, 8, "reconstruct").size());
}

TEST_F(DetectDataTest, HoldsOutTheEndOfWhatIsOnDisk) {
  std::string text = "t,x,label\n";
  for (int t = 0; t < 20; ++t) text += fmt::format("{},{},0\n", t, t);
  SequenceSet set = read("a.csv", text);
  set.move_to_disk();
  const DetectSets parts = hold_out(std::move(set), 0.25, {}, 1);
  EXPECT_EQ(parts.train.length(parts.train.sequences[0]), 15);
  EXPECT_THAT(parts.valid.load(0)->times, ElementsAre(15, 16, 17, 18, 19));
}

TEST_F(DetectDataTest, HoldsOutTheEndOfFewSequences) {
  std::string text = "t,x,label\n";
  for (int t = 0; t < 20; ++t) text += fmt::format("{},{},0\n", t, t);
  const DetectSets parts = hold_out(read("a.csv", text), 0.25, {}, 1);
  EXPECT_EQ(parts.train.sequences[0].values.size(), 15u);
  EXPECT_THAT(parts.valid.sequences[0].times, ElementsAre(15, 16, 17, 18, 19));
  EXPECT_EQ(parts.valid.sequences[0].step_labels.size(), 5u);
  EXPECT_ERROR(hold_out(read("b.csv", "t,x\n1,1\n2,2\n"), 0.1, {}, 1), "2 steps are too few");
}

TEST_F(DetectDataTest, HoldsOutWholeOnesOfManySequences) {
  std::string text = "label,v1,v2,v3,v4,v5,v6,v7,v8\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("{},1,2,3,4,5,6,7,{}\n", i % 4 == 0 ? 1 : 0, i);
  const DetectSets parts = hold_out(read("a.csv", text), 0.2, {}, 1);
  EXPECT_EQ(parts.train.size(), 32);
  EXPECT_EQ(parts.valid.size(), 8);
  EXPECT_EQ(std::ranges::count_if(parts.valid.sequences, [](const Sequence& s) { return s.labels[0] == "1"; }), 2);
}

}  // namespace
}  // namespace recur
