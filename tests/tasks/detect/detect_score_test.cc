#include "recur/tasks/detect/detect_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/base/random.h"
#include "tests/support/throws.h"
#include "tests/tasks/detect/kept_scores.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using testing::kept;
using testing::KeptScores;
using testing::outputs_of;
using testing::source_of;

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

// Sequences of C channels and F = C features with these truths; the values are random.
DetectData data_of(const std::vector<std::vector<Truth>>& truths, int64_t channels) {
  DetectData data{.sequences = {}, .features = channels, .channels = channels};
  Random random(3);
  for (const auto& truth : truths) {
    DetectSequence sequence{.input = {}, .target = {}, .truth = truth, .steps = std::ssize(truth)};
    for (int64_t i = 0; i < sequence.steps * channels; ++i)
      sequence.input.push_back(static_cast<float>(random.uniform()));
    sequence.target = sequence.input;
    data.sequences.push_back(std::move(sequence));
  }
  return data;
}

DetectOptions options_of(const std::string& method, const std::string& level = "steps") {
  DetectOptions options;
  options.model.method = method;
  options.model.rnn.hidden = 5;
  options.data.window = 4;
  options.threshold.level = level;
  options.threshold.warm_up = 0;
  return options;
}

TEST(CutWindows, CoverEveryStep) {
  const DetectData data = data_of({std::vector(10, Truth::kNormal), std::vector(3, Truth::kNormal), {}}, 1);
  const auto windows = cut_windows(data, 4, 4);
  ASSERT_EQ(windows.size(), 4u);
  EXPECT_EQ(windows[2].begin, 8);
  EXPECT_EQ(windows[2].steps, 2);
  EXPECT_EQ(windows[3].sequence, 1);
  EXPECT_EQ(windows[3].steps, 3);
  EXPECT_EQ(cut_windows(data, 4, 2).size(), 5u);  // 0, 2, 4, 6, and the short one
}

TEST(TrainingWindows, LeaveOutWhatMustNotBeLearnt) {
  const DetectData data = data_of({{Truth::kNormal, Truth::kNormal, Truth::kAnomalous, Truth::kAnomalous},
                                   {Truth::kAnomalous, Truth::kAnomalous, Truth::kAnomalous, Truth::kAnomalous},
                                   {Truth::kUnknown, Truth::kUnknown, Truth::kUnknown, Truth::kUnknown}},
                                  1);
  const auto sequences = [&](const std::string& method) {
    std::vector<int32_t> which;
    for (const Window& window : training_windows(data, 4, method)) which.push_back(window.sequence);
    return which;
  };
  EXPECT_THAT(sequences("forecast"), ElementsAre(0, 2));
  EXPECT_THAT(sequences("reconstruct"), ElementsAre(2));
  EXPECT_THAT(sequences("classify"), ElementsAre(0, 1));
}

TEST(MakeWindows, AForecastSeesTheStepBefore) {
  const DetectData data = data_of({std::vector(6, Truth::kNormal)}, 2);
  const std::vector<float>& input = data.sequences[0].input;
  const std::vector<Window> windows{{0, 0, 2}, {0, 4, 2}};
  const WindowBatch late = make_windows(data, windows, true);
  EXPECT_THAT(late.x.values<float>(), ElementsAre(0, 0, input[6], input[7], input[0], input[1], input[8], input[9]));
  EXPECT_EQ(make_windows(data, windows, false).x.values<float>()[2], input[8]);
}

TEST(MakeTargets, CountWhatIsKnownAndPresent) {
  DetectData data = data_of({{Truth::kNormal, Truth::kAnomalous, Truth::kUnknown}}, 2);
  data.sequences[0].target[0] = kMissing;
  const std::vector<Window> windows{{0, 0, 3}};
  EXPECT_THAT(make_targets(data, windows, false).weights.values<float>(), ElementsAre(0, 1, 0, 0, 1, 1));
  const WindowTargets classes = make_targets(data, windows, true, 5);
  EXPECT_THAT(classes.weights.values<float>(), ElementsAre(1, 5, 0));
  EXPECT_THAT(classes.values.values<float>(), ElementsAre(0, 1, 0));
}

TEST(RunModel, CarriesItsStateOverChunks) {
  // Longer than a chunk: the same as the whole sequence in one go.
  const DetectData data = data_of({std::vector(1100, Truth::kNormal), std::vector(700, Truth::kNormal)}, 2);
  const DetectOptions options = options_of("forecast");
  Random random(1);
  DetectModel model(options.model, {.features = 2, .outputs = 2}, random);
  const DetectOutputs outputs = run_model(model, data, options);
  const std::vector<Window> whole{{0, 0, 1100}};
  const Tensor y = model(make_windows(data, whole, true), {.mode = Mode::evaluation()}).y;
  const std::vector<float> first = outputs_of(outputs, data, 0);
  for (size_t i = 0; i < 2200; ++i) {
    ASSERT_NEAR(first[i], y.values<float>()[i] - data.sequences[0].target[i], 1e-5) << i;
  }
  double squares = 0;
  for (const int64_t i : {0, 1}) {
    for (const float error : outputs_of(outputs, data, i)) squares += double{error} * error;
  }
  EXPECT_NEAR(outputs.loss, squares / 3600, 1e-6);
}

TEST(RunModel, AWindowIsReconstructedByItself) {
  const DetectData data = data_of({std::vector(7, Truth::kNormal)}, 1);
  const DetectOptions options = options_of("reconstruct");
  Random random(1);
  DetectModel model(options.model, {.features = 1, .outputs = 1}, random);
  const DetectOutputs outputs = run_model(model, data, options);
  const std::vector<Window> second{{0, 4, 3}};
  const Tensor y = model(make_windows(data, second, false), {.mode = Mode::evaluation()}).y;
  for (int64_t t = 0; t < 3; ++t) {
    EXPECT_NEAR(outputs_of(outputs, data, 0)[4 + t], y.values<float>()[t] - data.sequences[0].target[4 + t], 1e-6);
  }
}

TEST(StepScore, IsTheSizeOfErrorsInTheirUsualUnits) {
  const Calibration calibration{.scale = {1, 10}, .threshold = 1};
  const DetectOptions options = options_of("forecast");
  EXPECT_DOUBLE_EQ(step_score(std::vector{2.0f, 20.0f}, options, calibration), 2);
  EXPECT_DOUBLE_EQ(step_score(std::vector{kMissing, 30.0f}, options, calibration), 3);
  EXPECT_EQ(step_score(std::vector{kMissing, kMissing}, options, calibration), 0);
  EXPECT_DOUBLE_EQ(step_score(std::vector{0.0f}, options_of("classify"), {}), 0.5);
}

TEST(Score, OfASequenceIsTheMeanOrTheHighest) {
  const DetectData data = data_of(
      {{Truth::kNormal, Truth::kAnomalous}, {Truth::kUnknown, Truth::kUnknown}, {Truth::kNormal, Truth::kUnknown}}, 1);
  const DetectOutputs outputs = outputs_of(data, {{1, -3}, {0, 0}, {1, 1}});
  const Calibration calibration{.scale = {1}, .threshold = 1};
  DetectOptions options = options_of("forecast", "sequences");
  KeptScores scores = kept(score(outputs.reader(), data, options, calibration));
  EXPECT_THAT(scores.of_sequences[0], ElementsAre(2));
  EXPECT_THAT(scores.truth,
              ElementsAre(ElementsAre(Truth::kAnomalous), ElementsAre(Truth::kUnknown), ElementsAre(Truth::kNormal)));
  options.threshold.pooling = "max";
  EXPECT_THAT(kept(score(outputs.reader(), data, options, calibration)).of_sequences[0], ElementsAre(3));
}

TEST(Score, DoesNotJudgeTheWarmUp) {
  const DetectData data = data_of({{Truth::kAnomalous, Truth::kNormal, Truth::kNormal}, {Truth::kNormal}}, 1);
  const DetectOutputs outputs = outputs_of(data, {{9, 8, 1}, {7}});
  DetectOptions options = options_of("forecast");
  options.threshold.warm_up = 2;
  const KeptScores scores = kept(score(outputs.reader(), data, options, {.scale = {1}, .threshold = 1}));
  EXPECT_THAT(scores.of_sequences, ElementsAre(ElementsAre(0, 0, 1), ElementsAre(0)));
  EXPECT_THAT(scores.truth,
              ElementsAre(ElementsAre(Truth::kUnknown, Truth::kUnknown, Truth::kNormal), ElementsAre(Truth::kUnknown)));
  EXPECT_THAT(calibrate(outputs.reader(), data, options).scale, ElementsAre(1));
}

TEST(Calibrate, ScalesByNormalErrorsAndChoosesAThreshold) {
  const DetectData data = data_of({{Truth::kNormal, Truth::kNormal, Truth::kUnknown, Truth::kAnomalous}}, 1);
  const DetectOutputs outputs = outputs_of(data, {{3, -3, 3, 90}});
  DetectOptions options = options_of("forecast");
  const Calibration best = calibrate(outputs.reader(), data, options);
  EXPECT_THAT(best.scale, ElementsAre(3));
  EXPECT_GT(*best.threshold, 1);  // between the normal scores, all 1, and the anomaly's, 30
  EXPECT_LT(*best.threshold, 30);
  options.threshold.choose = "quantile";
  EXPECT_DOUBLE_EQ(*calibrate(outputs.reader(), data, options).threshold, 1);
}

TEST(Calibrate, NeedsWhatTheThresholdIsChosenBy) {
  DetectOptions options = options_of("forecast");
  const DetectData normal = data_of({{Truth::kNormal, Truth::kNormal}}, 1),
                   anomalous = data_of({{Truth::kAnomalous, Truth::kAnomalous}}, 1);
  const DetectOutputs outputs = outputs_of(normal, {{1, 2}});
  options.threshold.choose = "f1";
  EXPECT_ERROR(calibrate(outputs.reader(), normal, options), "expected labelled anomalies in the validation data");
  options.threshold.choose = "quantile";
  EXPECT_ERROR(calibrate(outputs.reader(), anomalous, options), "expected normal steps or sequences");
}

TEST(Calibration, IsTheSameFromItsText) {
  const Calibration calibration{.scale = {0.1f, 3}, .threshold = 0.1 + 0.2};
  const Calibration again = Calibration::from_text(calibration.to_text(), 2);
  EXPECT_EQ(again.scale, calibration.scale);
  EXPECT_EQ(again.threshold, calibration.threshold);
  EXPECT_FALSE(Calibration::from_text(Calibration{}.to_text(), 2).threshold);
}

TEST(Calibration, RefusesDamagedText) {
  for (const char* text : {"", "[1]", "{}", R"({"scale": [1], "threshold": 1})", R"({"scale": [1, 0]})",
                           R"({"scale": [1, -2]})", R"({"scale": "x"})", R"({"scale": [], "threshold": 1})"}) {
    EXPECT_ERROR(Calibration::from_text(text, 2), "calibration") << text;
  }
}

TEST(DetectMeasure, CountsAtTheThresholdAndRanks) {
  const KeptScores scores{.of_sequences = {{5, 1, 9, 8, 2, 7}},
                          .truth = {{Truth::kNormal, Truth::kNormal, Truth::kAnomalous, Truth::kAnomalous,
                                     Truth::kAnomalous, Truth::kUnknown}}};
  const Evaluation result = measure(source_of(scores), 0.5, 4);
  EXPECT_EQ(result.examples, 6);
  EXPECT_EQ(result.at("loss"), 0.5);
  EXPECT_DOUBLE_EQ(result.at("precision"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(result.at("recall"), 2.0 / 3);
  EXPECT_DOUBLE_EQ(result.at("point_adjusted_f1"), 6.0 / 7);
  EXPECT_DOUBLE_EQ(result.at("auc"), 5.0 / 6);
  EXPECT_DOUBLE_EQ(result.at("flagged"), 4.0 / 6);
  EXPECT_EQ(std::get<int64_t>(result.tables.at(0).rows[1][2]), 1);  // a normal step passed
}

TEST(DetectMeasure, LeavesOutWhatCannotBeSaid) {
  const KeptScores normal{.of_sequences = {{5, 1}}, .truth = {{Truth::kNormal, Truth::kUnknown}}};
  const Evaluation result = measure(source_of(normal), 0.5, 4);
  for (const char* name : {"precision", "f1", "auc", "auprc", "point_adjusted_f1"}) EXPECT_FALSE(result.find(name));
  const KeptScores sequences{.of_sequences = {{5}, {1}}, .truth = {{Truth::kAnomalous}, {Truth::kNormal}}};
  EXPECT_FALSE(measure(source_of(sequences), 0.5, 4).find("point_adjusted_f1"));
  EXPECT_EQ(measure(source_of(sequences), 0.5, 4).at("auc"), 1);
  EXPECT_EQ(measure(source_of({}), 0, 1).at("flagged"), 0);
}

}  // namespace
}  // namespace recur
