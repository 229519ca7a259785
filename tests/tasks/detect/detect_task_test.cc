#include "recur/tasks/detect/detect_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

// A wave in two channels with a little noise and a gap; where `odd`, a fifth of the steps are noise in the first.
std::string wave(int steps, uint64_t seed, bool odd, bool labels = true) {
  Random random(seed);
  std::string out = labels ? "t,x,y,label\n" : "t,x,y\n";
  for (int t = 0; t < steps; ++t) {
    const bool bad = odd && t % 50 >= 40;
    const double x = bad ? 3 * random.uniform() - 1.5 : std::sin(t * 0.4) + 0.05 * random.uniform();
    const std::string y = t % 17 == 3 ? "" : fmt::format("{:.4f}", std::cos(t * 0.4));
    out += fmt::format("{},{:.4f},{}", t, x, y) + (labels ? fmt::format(",{}\n", bad ? 1 : 0) : "\n");
  }
  return out;
}

// A row per sequence of 20 steps: a wave, or one that goes flat.
std::string waves(int count, uint64_t seed, bool odd) {
  Random random(seed);
  std::string out = "label";
  for (int t = 1; t <= 20; ++t) out += fmt::format(",v{}", t);
  for (int i = 0; i < count; ++i) {
    const bool bad = odd && i % 4 == 0;
    const double phase = random.uniform();
    out += bad ? "\nflat" : "\nfine";
    for (int t = 0; t < 20; ++t) out += fmt::format(",{:.4f}", bad && t > 8 ? 0.1 : std::sin(phase + t * 0.5));
  }
  return out + "\n";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

class DetectTaskTest : public ::testing::Test {
 protected:
  static std::unique_ptr<DetectTask> make(const std::string& method) {
    auto task = std::make_unique<DetectTask>();
    task->options.model.method = method;
    task->options.model.rnn.hidden = 16;
    task->options.data.window = 20;
    task->options.data.batch = 8;
    return task;
  }
  // Trained and validated, so that there is a threshold.
  static Taught<DetectTask> taught(std::unique_ptr<DetectTask> task, const TrainingData& data, int steps) {
    auto taught = teach(std::move(task), data, steps);
    taught.training->validate();
    return taught;
  }
  Taught<DetectTask> taught(const std::string& method, int steps) const {
    const auto data = scratch_.put("train.csv", wave(600, 1, method == "classify"));
    return taught(make(method), {.files = {data}, .held_out = 0.2}, steps);
  }
  static std::vector<std::vector<TableCell>> streamed(const Trained& trained, const std::string& text) {
    Kept rows;
    const auto session = trained.session();
    for (const std::string& line : lines_of(text)) session->take({line}, rows);
    return rows.rows();
  }

  Scratch scratch_;
};

TEST_F(DetectTaskTest, FindsWhatAForecastDoesNotForesee) {
  const Evaluation result = taught("forecast", 200).trained().evaluate({scratch_.put("test.csv", wave(500, 2, true))});
  EXPECT_EQ(result.examples, 500);
  EXPECT_GT(result.at("auc"), 0.9);
  EXPECT_GT(result.at("f1"), 0.6);
  EXPECT_GE(result.at("point_adjusted_f1"), result.at("f1"));
}

TEST_F(DetectTaskTest, FindsWhatCannotBeReconstructed) {
  const auto test = scratch_.put("test.csv", wave(500, 2, true));
  EXPECT_GT(taught("reconstruct", 300).trained().evaluate({test}).at("auc"), 0.75);
}

TEST_F(DetectTaskTest, FindsWhatIsLikeLabelledAnomalies) {
  const auto taught = this->taught("classify", 150);
  EXPECT_EQ(taught.training->criterion().metric, "auprc");
  EXPECT_GT(taught.trained().evaluate({scratch_.put("test.csv", wave(500, 2, true))}).at("auc"), 0.9);
}

TEST_F(DetectTaskTest, ScoresWholeSequences) {
  auto task = make("reconstruct");
  task->options.use.normal = {"fine"};
  const auto train = scratch_.put("train.csv", waves(80, 1, false));
  const auto taught = this->taught(std::move(task), {.files = {train}, .held_out = 0.2}, 250);
  EXPECT_EQ(taught.options().threshold.level, "sequences");
  const auto test = scratch_.put("test.csv", waves(60, 2, true));
  EXPECT_GT(taught.trained().evaluate({test}).at("auc"), 0.95);
  Kept rows;
  taught.trained().predict({test}, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"id", "score", "anomaly"}));
  EXPECT_EQ(rows.rows().size(), 60u);
}

class DetectStreamTest : public DetectTaskTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(DetectStreamTest, GivesTheScoresOfWholeSequences) {
  const auto taught = this->taught(GetParam(), 30);
  const std::string text = wave(60, 2, true, std::string(GetParam()) == "classify");
  Kept whole;
  taught.trained().predict({scratch_.put("test.csv", text)}, whole);
  EXPECT_EQ(whole.names(), (std::vector<std::string>{"id", "step", "time", "score", "anomaly"}));
  const auto rows = streamed(taught.trained(), text);
  ASSERT_EQ(rows.size(), 60u);
  for (size_t t = 0; t < rows.size(); ++t) {
    EXPECT_EQ(rows[t][0], TableCell(static_cast<int64_t>(t + 1)));
    EXPECT_NEAR(std::get<double>(rows[t][1]), std::get<double>(whole.rows()[t][3]), 1e-4) << t;
  }
}
INSTANTIATE_TEST_SUITE_P(Causal, DetectStreamTest, ::testing::Values("forecast", "classify"));

TEST_F(DetectTaskTest, AStreamReconstructsTheLastWindow) {
  const auto taught = this->taught("reconstruct", 30);
  const auto rows = streamed(taught.trained(), wave(45, 2, true, false));
  ASSERT_EQ(rows.size(), 45u);
  Kept whole;
  taught.trained().predict({scratch_.put("test.csv", wave(20, 2, true, false))}, whole);  // one window
  EXPECT_NEAR(std::get<double>(rows[19][1]), std::get<double>(whole.rows()[19][3]), 1e-4);
}

TEST_F(DetectTaskTest, AStreamKeepsSeriesApart) {
  std::string text = "unit,t,x\n";
  for (int i = 0; i < 200; ++i) text += fmt::format("{},{},{:.3f}\n", i < 100 ? "a" : "b", i % 100, std::sin(i * 0.3));
  const auto taught = this->taught(make("forecast"), {.files = {scratch_.put("train.csv", text)}}, 10);
  Kept rows;
  const auto session = taught.trained().session();
  for (const char* line : {"unit,x", "a,1", "b,1", "a,2"}) session->take({line}, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"id", "step", "score", "anomaly"}));
  EXPECT_EQ(rows.rows()[0][2], rows.rows()[1][2]);  // each begins anew
  EXPECT_EQ(rows.rows()[2][1], TableCell(int64_t{2}));
}

TEST_F(DetectTaskTest, ABadLineLeavesTheStreamAsItWas) {
  const auto taught = this->taught("forecast", 5);
  Kept with, without;
  const auto first = taught.trained().session(), second = taught.trained().session();
  first->take({"1,2"}, with);
  EXPECT_ERROR(first->take({"1,x"}, with), "standard input:2: column 2");
  first->take({"3,4"}, with);
  for (const char* line : {"1,2", "3,4"}) second->take({line}, without);
  EXPECT_EQ(with.rows(), without.rows());
}

TEST_F(DetectTaskTest, AModelFileSaysTheSameAsTheModel) {
  for (const char* method : {"forecast", "reconstruct", "classify"}) {
    const auto taught = this->taught(method, 5);
    Kept before, after;
    const auto data = scratch_.put("test.csv", wave(60, 2, true, std::string(method) == "classify"));
    taught.trained().predict({data}, before);
    taught.trained().save(scratch_ / "model.recur");
    load_trained(scratch_ / "model.recur")->predict({data}, after);
    EXPECT_EQ(before.rows(), after.rows()) << method;
  }
}

TEST_F(DetectTaskTest, GoesOnToTheSameBits) {
  const auto data = scratch_.put("train.csv", wave(400, 1, false));
  const auto started = [&] {
    auto task = make("forecast");
    task->options.model.dropout = 0.3f;
    return teach(std::move(task), {.files = {data}}).training;
  };
  const auto first = started(), second = started();
  for (int i = 0; i < 3; ++i) first->step();
  StateWriter state;
  first->save_state(state);
  state.save(scratch_ / "state");
  second->load_state(StateReader::open(scratch_ / "state"));
  EXPECT_EQ(first->step().loss, second->step().loss);
}

TEST_F(DetectTaskTest, HoldsOutATenthWhereNothingIsSaid) {
  const auto taught = teach(make("forecast"), {.files = {scratch_.put("train.csv", wave(400, 1, false))}});
  EXPECT_TRUE(taught.training->has_validation());
  EXPECT_EQ(taught.training->validate().examples, 40);
}

TEST_F(DetectTaskTest, ATenthOfTheQuantileIsFlagged) {
  auto task = make("forecast");
  task->options.threshold.quantile = 0.9;
  const auto data = scratch_.put("train.csv", wave(400, 1, false));
  const auto taught = teach(std::move(task), {.files = {data}, .held_out = 0.25});
  EXPECT_NEAR(taught.training->validate().at("flagged"), 0.1, 0.011);
}

TEST_F(DetectTaskTest, TakesTheUsersThreshold) {
  const auto taught = this->taught("forecast", 5);
  const auto data = scratch_.put("test.csv", wave(100, 2, true));
  EXPECT_EQ(with_use(taught.trained(), {"threshold=1e9"})->evaluate({data}).at("flagged"), 0);
  EXPECT_EQ(with_use(taught.trained(), {"threshold=-1"})->evaluate({data}).at("recall"), 1);
}

TEST_F(DetectTaskTest, RefusesWhatCannotBeLearntOrMeasured) {
  const auto start = [&](const std::string& method, const std::string& text) {
    teach(make(method), {.files = {scratch_.put("train.csv", text)}});
  };
  EXPECT_ERROR(start("classify", wave(100, 1, false)), "expected normal and anomalous steps");
  EXPECT_ERROR(start("classify", wave(100, 1, false, false)), "no step has a label");
  EXPECT_ERROR(start("reconstruct", "t,x,label\n" + std::string("1,1,1\n2,1,1\n3,1,1\n4,1,1\n5,1,1\n6,1,1\n")),
               "every window has anomalies");
  EXPECT_ERROR(start("forecast", "t,x\n"), "train.csv");
  EXPECT_ERROR(start("forecast", "t,x\n1,2\n2,3\n"), "too few");
  EXPECT_ERROR(start("forecast", waves(20, 1, true)), "label 'flat': expected a label known as normal");
  auto both = make("forecast");
  both->options.model.rnn.bidirectional = true;
  EXPECT_ERROR(teach(std::move(both), {.files = {scratch_.put("train.csv", wave(100, 1, false))}}), "bidirectional");
  const auto taught = this->taught("forecast", 1);
  const auto measure = [&](const std::filesystem::path& test) { return taught.trained().evaluate({test}); };
  EXPECT_ERROR(measure(scratch_.put("b.csv", "t,x,label\n1,2,0\n2,3,0\n")), "there is no column 'y'");
  EXPECT_ERROR(measure(scratch_.put("e.csv", "")), "e.csv");
  EXPECT_EQ(measure(scratch_.put("n.csv", wave(50, 3, false))).find("auc"), std::nullopt);
}

TEST_F(DetectTaskTest, AModelWithoutValidationHasNoThreshold) {
  const auto data = scratch_.put("train.csv", wave(200, 1, false));
  const auto taught = teach(make("forecast"), {.files = {data}});
  Kept rows;
  EXPECT_ERROR(taught.trained().predict({data}, rows), "stopped before its first validation");
  EXPECT_ERROR(taught.trained().session(), "no threshold");
}

TEST_F(DetectTaskTest, RefusesToStreamWhatNeedsTheWholeSequence) {
  auto task = make("classify");
  task->options.model.rnn.bidirectional = true;
  const auto data = scratch_.put("train.csv", wave(300, 1, true));
  const auto taught = this->taught(std::move(task), {.files = {data}, .held_out = 0.2}, 0);
  EXPECT_THROW(taught.trained().session(), UsageError);
  EXPECT_EQ(taught.trained().evaluate({scratch_.put("test.csv", wave(100, 2, true))}).examples, 100);
}

TEST_F(DetectTaskTest, RefusesAModelFileThatDoesNotFit) {
  const auto taught = this->taught("forecast", 1);
  const Assets assets = taught.trained().assets();
  DetectTask other;
  other.options = taught.options();
  EXPECT_NO_THROW(other.restore(assets, 1 << 20));
  EXPECT_ERROR(other.restore(assets, 100), "at least");
  for (const char* name : {"calibration", "scaler", "channels"}) {
    Assets less = assets;
    less.erase(name);
    EXPECT_ERROR(other.restore(less, 1 << 20), name);
  }
  Assets odd = assets;
  odd["calibration"] = R"({"scale": [1], "threshold": 1})";
  EXPECT_ERROR(other.restore(odd, 1 << 20), "expected 2 positive scales");
  DetectTask unset;
  EXPECT_ERROR(unset.restore(assets, 1 << 20), "lacks a value of");
}

}  // namespace
}  // namespace recur
