#include "recur/tasks/detect/detect_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr int64_t kWindow = 4;

// A detector that knows nothing yet, of channels x and y that have no gaps, or, with a gap, of one more feature.
struct Untrained {
  explicit Untrained(const std::string& method, bool bidirectional = false, const std::string& text = "",
                     const std::vector<std::string>& statics = {}) {
    const std::string rows = text.empty() ? "t,x,y\n1,0,5\n2,2,1\n3,-1,3\n4,4,0\n" : text;
    SequenceOptions how;
    how.columns.statics = statics;
    const SequenceSet set = sequences_of("a.csv", rows, how);
    const std::vector<int64_t> all{0};
    encoder = std::make_unique<SeriesEncoder>(SeriesEncoder::fit(set, all, ScalerKind::kStandard));
    options.model.method = method;
    options.model.rnn.hidden = 5;
    options.model.rnn.bidirectional = bidirectional;
    options.data.window = kWindow;
    options.threshold.warm_up = 0;
    calibration = {.scale = {1, 2}, .threshold = 0.75};
    Random random(3);
    const int64_t outputs = method == "classify" ? 1 : 2;
    model = std::make_unique<DetectModel>(options.model,
                                          DetectSizes{.features = encoder->features(), .outputs = outputs}, random);
  }

  Detector detector() const { return {*model, *encoder, calibration, options}; }

  std::unique_ptr<SeriesEncoder> encoder;
  std::unique_ptr<DetectModel> model;
  DetectOptions options;
  Calibration calibration;
};

const std::vector<std::vector<float>> kSteps{{0.5f, 1}, {-1, 2}, {0, 0}, {3, -2}, {1, 1}, {-2, 0.25f}, {0.1f, 4}};

std::vector<float> flat(size_t begin, size_t end) {
  std::vector<float> out;
  for (size_t t = begin; t < end; ++t) out.insert(out.end(), kSteps[t].begin(), kSteps[t].end());
  return out;
}

// The network's outputs over steps [begin, end) in one go.
std::vector<float> whole(const Untrained& of, size_t begin, size_t end, bool late) {
  std::vector<float> x = flat(begin, end);
  if (late) {
    x.insert(x.begin(), 2, 0.0f);
    x.resize(x.size() - 2);
  }
  const int64_t steps = static_cast<int64_t>(end - begin);
  const Tensor y =
      (*of.model)({.x = Tensor::from(x, {steps, 1, 2}), .lengths = {steps}}, {.mode = Mode::evaluation()}).y;
  const auto values = y.values<float>();
  return {values.begin(), values.end()};
}

TEST(StepOutputs, OfAForecastAreTheErrorsOfWhatWasSaidBeforeTheStep) {
  const Untrained of("forecast");
  const auto outputs = make_step_outputs(of.detector());
  const std::vector<float> want = whole(of, 0, kSteps.size(), true);
  for (size_t t = 0; t < kSteps.size(); ++t) {
    const auto errors = outputs->next(kSteps[t], kSteps[t]);
    ASSERT_EQ(errors.size(), 2u);
    for (size_t c = 0; c < 2; ++c) EXPECT_NEAR(errors[c], want[t * 2 + c] - kSteps[t][c], 1e-5) << t;
  }
}

TEST(StepOutputs, OfClassificationAreTheLogitsOfTheWholeSequence) {
  const Untrained of("classify");
  const auto outputs = make_step_outputs(of.detector());
  const std::vector<float> want = whole(of, 0, kSteps.size(), false);
  for (size_t t = 0; t < kSteps.size(); ++t) {
    const auto logit = outputs->next(kSteps[t], kSteps[t]);
    ASSERT_EQ(logit.size(), 1u);
    EXPECT_NEAR(logit[0], want[t], 1e-5) << t;
  }
}

TEST(StepOutputs, OfAReconstructionAreThoseOfTheWindowThatEndsWithTheStep) {
  const Untrained of("reconstruct");
  const auto outputs = make_step_outputs(of.detector());
  for (size_t t = 0; t < kSteps.size(); ++t) {
    const std::vector<float> window = whole(of, t + 1 > kWindow ? t + 1 - kWindow : 0, t + 1, false);
    const auto errors = outputs->next(kSteps[t], kSteps[t]);
    ASSERT_EQ(errors.size(), 2u);
    for (size_t c = 0; c < 2; ++c) EXPECT_NEAR(errors[c], window[window.size() - 2 + c] - kSteps[t][c], 1e-5) << t;
  }
}

TEST(StepOutputs, TheErrorOfWhatIsMissingIsMissing) {
  for (const char* method : {"forecast", "reconstruct"}) {
    const Untrained of(method);
    const auto outputs = make_step_outputs(of.detector());
    const auto errors = outputs->next(std::vector<float>{0, 1}, std::vector<float>{kNone, 1});
    EXPECT_TRUE(std::isnan(errors[0])) << method;
    EXPECT_FALSE(std::isnan(errors[1])) << method;
  }
}

TEST(StepOutputs, SeriesAreStepsOfTheirOwn) {
  for (const char* method : {"forecast", "reconstruct", "classify"}) {
    const Untrained of(method);
    const auto one = make_step_outputs(of.detector()), two = make_step_outputs(of.detector());
    const auto begun = one->next(kSteps[0], kSteps[0]);
    const std::vector<float> first(begun.begin(), begun.end());
    one->next(kSteps[1], kSteps[1]);
    EXPECT_THAT(two->next(kSteps[0], kSteps[0]), ::testing::ElementsAreArray(first)) << method;
  }
}

std::vector<std::vector<TableCell>> streamed(const Untrained& of, const std::vector<std::string>& lines) {
  DetectStream stream(of.detector());
  Kept rows;
  for (const std::string& line : lines) stream.take({line}, rows);
  return rows.rows();
}

double score(const std::vector<TableCell>& row) { return std::get<double>(row[row.size() - 2]); }

TEST(DetectStream, ScoresErrorsInTheUnitsOfTheCalibration) {
  const Untrained of("forecast");
  const auto rows = streamed(of, {"1,5", "2,6"});
  ASSERT_EQ(rows.size(), 2u);
  const auto outputs = make_step_outputs(of.detector());
  for (size_t t = 0; t < 2; ++t) {
    const std::vector<float> values{static_cast<float>(t + 1), static_cast<float>(t + 5)};
    std::vector<float> input(2);
    of.encoder->encode_step(values, input);
    const auto errors = outputs->next(input, input);
    // The root of the mean square of errors over scales 1 and 2.
    EXPECT_NEAR(score(rows[t]), std::sqrt((std::pow(errors[0], 2) + std::pow(errors[1] / 2, 2)) / 2), 1e-5);
    EXPECT_EQ(rows[t].back(), TableCell(int64_t{score(rows[t]) > 0.75}));
    EXPECT_EQ(rows[t][0], TableCell(static_cast<int64_t>(t + 1)));
  }
}

TEST(DetectStream, AMissingChannelCountsNothingAndALineOfNoneScoresZero) {
  const Untrained of("forecast", false, "t,x,y\n1,0,5\n2,NA,1\n3,-1,NA\n4,4,0\n");
  const auto rows = streamed(of, {"NA,NA", "NA,3", "1,NA"});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(score(rows[0]), 0);
  EXPECT_EQ(rows[0].back(), TableCell(int64_t{0}));
  EXPECT_GT(score(rows[1]), 0);
  EXPECT_TRUE(std::isfinite(score(rows[2])));
}

TEST(DetectStream, TheWarmUpIsNotJudged) {
  Untrained of("forecast");
  const auto all = streamed(of, {"9,9", "9,9", "9,9"});
  of.options.threshold.warm_up = 2;
  const auto later = streamed(of, {"9,9", "9,9", "9,9"});
  EXPECT_GT(score(all[0]), 0);
  EXPECT_EQ(score(later[0]), 0);
  EXPECT_EQ(score(later[1]), 0);
  EXPECT_EQ(score(later[2]), score(all[2]));  // the network has seen the steps before all the same
}

TEST(DetectStream, TheUsersThresholdComesBeforeTheModels) {
  Untrained of("forecast");
  const double at = score(streamed(of, {"9,9"})[0]);
  of.options.use.threshold = at;  // scores above are anomalies: not that one
  EXPECT_EQ(streamed(of, {"9,9"})[0].back(), TableCell(int64_t{0}));
  of.options.use.threshold = std::nextafter(at, 0.0);
  EXPECT_EQ(streamed(of, {"9,9"})[0].back(), TableCell(int64_t{1}));
}

TEST(DetectStream, NamesItsColumnsOnceWithTheFirstSample) {
  const Untrained of("forecast");
  DetectStream stream(of.detector());
  Kept rows;
  stream.take({""}, rows);
  stream.take({"y,x"}, rows);
  EXPECT_TRUE(rows.names().empty());
  stream.take({"5,1"}, rows);
  EXPECT_THAT(rows.names(), ElementsAre("step", "score", "anomaly"));
  EXPECT_EQ(rows.rows()[0], streamed(of, {"1,5"})[0]);  // the header says which is which
}

TEST(DetectStream, RefusesWhatNeedsTheWholeSequence) {
  const Untrained both("classify", true);
  const Untrained of_patients("forecast", false, "id,t,x,y,age\na,1,0,5,3\na,2,1,4,3\nb,1,0,5,4\n", {"age"});
  EXPECT_THROW(DetectStream(both.detector()), UsageError);
  EXPECT_THROW(DetectStream(of_patients.detector()), UsageError);
}

}  // namespace
}  // namespace recur
