#include "recur/tasks/detect/detect_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "recur/base/log.h"
#include "tests/data/sequences_of.h"
#include "tests/support/throws.h"
#include "tests/tasks/detect/kept_scores.h"
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

// Messages while it lives.
class Heard {
 public:
  Heard() : before_(set_log_sink([this](LogLevel, std::string_view text) { lines_.emplace_back(text); })) {}
  ~Heard() { set_log_sink(std::move(before_)); }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  std::vector<std::string> lines_;
  LogSink before_;
};

TEST(DetectStream, AValueThatNoNetworkCanTakeIsFoundReportedAndForgotten) {
  for (const char* method : {"forecast", "reconstruct", "classify"}) {
    const Untrained of(method);
    const Heard heard;
    const auto rows = streamed(of, {"1,5", "1e36,-1e36", "1,5", "2,4", "1,5", "0,3", "1,5", "2,4"});
    ASSERT_EQ(rows.size(), 8u) << method;
    for (const auto& row : rows) {
      EXPECT_TRUE(std::isfinite(score(row))) << method;
      EXPECT_GT(score(row), 0) << method;
    }
    if (std::string(method) != "classify") {
      EXPECT_GT(score(rows[1]), 1e12) << method;
      EXPECT_LT(score(rows.back()), 100) << method;
    }
    ASSERT_EQ(heard.lines().size(), 1u) << method;
    EXPECT_THAT(heard.lines()[0], ::testing::HasSubstr("standard input:2: a value is too far"));
  }
}

// A network whose state doubles with each step, until it is no number.
void make_explosive(Untrained& of) {
  for (const auto& [name, value] : of.model->named_parameters()) {
    Tensor parameter = value;
    std::fill_n(parameter.data<float>(), parameter.numel(), name.starts_with("rnn.weight_hh") ? 1e3f : 0.5f);
  }
}

TEST(DetectStream, AStateThatIsNotFiniteBeginsAnewAsItDoesInTheWhole) {
  Untrained of("forecast");
  of.options.model.rnn.cell = "rnn_relu";
  Random random(3);
  of.model = std::make_unique<DetectModel>(of.options.model, DetectSizes{.features = 2, .outputs = 2}, random);
  make_explosive(of);
  DetectSequence sequence{.input = {}, .target = {}, .truth = {}, .steps = 60, .name = "a.csv:2: sequence '1'"};
  std::vector<std::string> lines;
  for (int t = 0; t < 60; ++t) {
    const std::vector<float> values{static_cast<float>(t % 5), 2};
    std::vector<float> input(2);
    of.encoder->encode_step(values, input);
    sequence.input.insert(sequence.input.end(), input.begin(), input.end());
    lines.push_back(fmt::format("{},{}", values[0], values[1]));
  }
  sequence.target = sequence.input;
  sequence.truth.assign(60, Truth::kUnknown);
  const DetectData data{.sequences = {sequence}, .features = 2, .channels = 2};
  EXPECT_ERROR(run_model(*of.model, data, of.options), "a.csv:2: sequence '1', step ");

  const Heard heard;
  const DetectOutputs outputs = run_model(*of.model, data, of.options, LostState::kBeginAnew);
  const size_t times = heard.lines().size();
  EXPECT_GT(times, 1u);
  EXPECT_THAT(heard.lines()[0], ::testing::HasSubstr("the state of the network is not finite and was reset"));
  const testing::KeptScores scores = testing::kept(recur::score(outputs.reader(), data, of.options, of.calibration));
  const auto rows = streamed(of, lines);
  EXPECT_EQ(heard.lines().size(), 2 * times);
  for (size_t t = 0; t < 60; ++t) {
    EXPECT_TRUE(std::isfinite(score(rows[t]))) << t;
    EXPECT_NEAR(score(rows[t]), scores.of_sequences[0][t], 1e-3 * scores.of_sequences[0][t]) << t;
  }
}

TEST(DetectStream, OutputsThatAreNeverFiniteAreAnErrorWithItsLine) {
  Untrained of("classify");
  for (const auto& [name, value] : of.model->named_parameters()) {
    if (name == "head.bias") Tensor(value).data<float>()[0] = std::numeric_limits<float>::infinity();
  }
  DetectStream stream(of.detector());
  Kept rows;
  EXPECT_ERROR(stream.take({"1,5"}, rows), "standard input:1: step 1: the output of the network is not finite");
}

TEST(DetectStream, OfMoreIdsThanMaxTheOneIdleForLongestIsForgotten) {
  Untrained of("forecast", false, "id,t,x,y\na,1,0,5\na,2,2,1\na,3,-1,3\nb,1,4,0\n");
  of.options.use.max_ids = 2;
  const Heard heard;
  const auto rows = streamed(of, {"id,x,y", "a,1,5", "b,1,5", "a,2,4", "c,1,5", "a,0,1", "b,1,5"});
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[4][1], TableCell(int64_t{3}));  // a goes on
  EXPECT_EQ(rows[5][1], TableCell(int64_t{1}));  // b begins anew
  EXPECT_EQ(rows[5][2], rows[1][2]);
  ASSERT_EQ(heard.lines().size(), 2u);
  EXPECT_THAT(heard.lines()[0], ::testing::HasSubstr("standard input:5: more than 2 ids (max_ids): 'b'"));
  EXPECT_THAT(heard.lines()[1], ::testing::HasSubstr("'c'"));
}

}  // namespace
}  // namespace recur
