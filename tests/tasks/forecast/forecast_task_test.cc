#include "recur/tasks/forecast/forecast_task.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/error.h"
#include "tests/support/logged.h"
#include "tests/support/scratch.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

// Hourly waves of a day, each series at a level of its own, with a covariate known ahead that lifts the value.
std::string waves(int series, int steps, uint64_t seed, bool gaps = false) {
  Random random(seed);
  std::string out = "id,time,y,event\n";
  for (int i = 0; i < series; ++i) {
    const double level = 10 * std::exp(2 * random.uniform()), phase = 6 * random.uniform();
    for (int t = 0; t < steps; ++t) {
      const bool event = random.bernoulli(0.1), gap = gaps && random.bernoulli(0.1);
      const double wave = 1 + 0.5 * std::sin(phase + t * 6.2831853 / 8) + (event ? 0.5 : 0) + 0.02 * random.normal();
      out += fmt::format("s{},{},{},{}\n", i, t, gap ? "" : fmt::format("{:.4f}", level * wave), event ? 1 : 0);
    }
  }
  return out;
}

class ForecastTaskTest : public ::testing::Test {
 protected:
  static std::unique_ptr<ForecastTask> make(const std::string& decoder = "direct") {
    auto task = std::make_unique<ForecastTask>();
    ForecastOptions& options = task->options;
    options.model.decoder = decoder;
    options.data.future = {"event"};
    options.data.horizon = 4;
    options.data.context = 16;
    options.data.season = 8;
    options.training.batch = 16;
    options.model.rnn.hidden = 16;
    options.model.members = 1;
    options.model.base = "none";
    options.model.dropout = 0;
    return task;
  }

  Scratch scratch_;
};

TEST_F(ForecastTaskTest, FewWindowsGetFiveNetworksAndShortSeriesThree) {
  const auto members = [&](int series, const std::string& decoder, int64_t given = 0, int steps = 80) {
    auto task = make(decoder);
    task->options.model.members = given;
    return teach(std::move(task), {.files = {scratch_.put("train.csv", waves(series, steps, 1))}})
        .options()
        .model.members;
  };
  // 50 steps of 16 windows are 800; a series has 76.
  EXPECT_EQ(members(10, "direct"), 5);
  EXPECT_EQ(members(11, "direct"), 3);
  EXPECT_EQ(members(11, "direct", 0, 200), 1);
  EXPECT_EQ(members(2, "autoregressive"), 1);
  EXPECT_EQ(members(2, "direct", 2), 2);
}

TEST_F(ForecastTaskTest, FewWindowsAreForecastFromTheThetaMethodOn) {
  const auto chosen = [&](int steps, const std::string& decoder, int64_t season = 4, bool log = false,
                          int64_t batch = 16) {
    auto task = make(decoder);
    task->options.model.base = "auto";
    task->options.data.season = season;
    task->options.data.log = log;
    task->options.training.batch = batch;
    return teach(std::move(task), {.files = {scratch_.put("train.csv", waves(4, steps, 1))}}).options();
  };
  // Two times three seasons and a horizon are 28 steps.
  EXPECT_EQ(chosen(28, "direct").model.base, "theta");
  EXPECT_EQ(chosen(28, "direct").training.least_past, 12);
  EXPECT_EQ(chosen(27, "direct").model.base, "none");
  EXPECT_EQ(chosen(27, "direct").training.least_past, 4);
  EXPECT_EQ(chosen(28, "direct", 1).model.base, "theta");
  EXPECT_EQ(chosen(60, "direct", 7).model.base, "none");
  EXPECT_EQ(chosen(28, "direct", 4, true).model.base, "none");
  EXPECT_EQ(chosen(28, "direct", 4, false, 6).model.base, "none");  // 96 windows are 16 batches
  EXPECT_EQ(chosen(28, "autoregressive").model.base, "none");
  EXPECT_EQ(chosen(28, "direct").training.refit, "auto");  // as given, so that the options repeat the run
}

TEST_F(ForecastTaskTest, LearnsWhatTheThetaMethodDoesNotKnow) {
  auto task = make();
  task->options.model.base = "theta";
  task->options.model.members = 2;
  const auto train = scratch_.put("train.csv", waves(10, 80, 1)), test = scratch_.put("test.csv", waves(10, 60, 2));
  const auto taught = teach(std::move(task), {.files = {train}});
  const auto owa = [&](size_t method) {
    const Evaluation result = with_use(taught.trained(), {"backtest=3"})->evaluate({test});
    const auto& row = result.tables[0].rows[method];
    return method == 0 || std::get<std::string>(row[0]) == "theta" ? std::get<double>(row[3]) : NAN;
  };
  const double theta = owa(3);
  EXPECT_NEAR(owa(0), theta, 1e-4);
  EXPECT_GT(with_use(taught.trained(), {})->evaluate({test}).at("coverage"), 0.5);  // by the errors of the base
  train_by_hand(*taught.training, 250);
  EXPECT_LT(owa(0), 0.8 * theta);  // the events
}

TEST_F(ForecastTaskTest, BeatsTheSeasonalNaiveByWhatIsKnownAhead) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.csv", waves(10, 80, 1))}}, 250);
  const Evaluation result =
      with_use(taught.trained(), {"backtest=3"})->evaluate({scratch_.put("test.csv", waves(10, 60, 2))});
  EXPECT_EQ(result.examples, 30);
  EXPECT_LT(result.at("owa"), 0.7);
  EXPECT_LT(result.at("crps"), result.at("nd"));
  EXPECT_GT(result.at("coverage"), 0.5);
  ASSERT_EQ(result.tables.size(), 1u);
  const Table& methods = result.tables[0];
  ASSERT_EQ(methods.rows.size(), 5u);
  EXPECT_EQ(std::get<std::string>(methods.rows[1][0]), "seasonal naive");
  EXPECT_LT(std::get<double>(methods.rows[0][1]), 0.85 * std::get<double>(methods.rows[1][1]));
}

TEST_F(ForecastTaskTest, LearnsThroughGaps) {
  auto task = make();
  task->options.data.past = {"event"};
  task->options.data.future.clear();
  const auto data = scratch_.put("train.csv", waves(6, 60, 1, true));
  const auto training = teach(std::move(task), {.files = {data}, .held_out = 0.2}).training;
  EXPECT_TRUE(training->has_validation());
  const double before = training->validate().at("loss");
  train_by_hand(*training, 100);
  EXPECT_LT(training->validate().at("loss"), 0.7 * before);
}

TEST_F(ForecastTaskTest, TheHeldOutPartIsNotTrainedOn) {
  // What is behind the training part may be anything: the first step's loss does not see it.
  const std::string text = waves(1, 40, 1);
  std::string other = text;
  for (size_t at = other.find("\ns0,36,"); at != std::string::npos; at = other.find('\n', at + 1)) {
    if (at + 1 < other.size()) other.replace(other.find(',', at + 7) - 4, 4, "9999");
  }
  const auto a = teach(make(), {.files = {scratch_.put("a.csv", text)}, .held_out = 0.1}).training;
  const auto b = teach(make(), {.files = {scratch_.put("b.csv", other)}, .held_out = 0.1}).training;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(a->step().loss, b->step().loss);
}

TEST_F(ForecastTaskTest, EveryHeadAndOptionTrains) {
  const auto data = scratch_.put("train.csv", waves(3, 40, 1));
  for (const char* head : {"mae", "mse", "quantiles", "normal", "student", "negative_binomial"}) {
    auto task = make();
    task->options.model.head = head;
    task->options.model.highway = 8;
    task->options.model.attention = true;
    task->options.data.identity = "series";
    const auto taught = teach(std::move(task), {.files = {data}});
    const double first = taught.training->step().loss;
    EXPECT_LT(train_by_hand(*taught.training, 40), first) << head;
    EXPECT_TRUE(std::isfinite(taught.trained().evaluate({data}).at("smape"))) << head;
  }
}

TEST_F(ForecastTaskTest, EveryDecoderLearnsAndIsTheSameAfterSaving) {
  const auto data = scratch_.put("train.csv", waves(4, 60, 1)), test = scratch_.put("test.csv", waves(4, 60, 2));
  for (const char* decoder : {"direct", "autoregressive", "smoothing"}) {
    const auto taught = teach(make(decoder), {.files = {data}}, 150);
    const auto trained = with_use(taught.trained(), {"backtest=2", "samples=30"});
    // Smoothing knows the seasons of the series that it has learnt from alone.
    const Evaluation result = trained->evaluate({std::string(decoder) == "smoothing" ? data : test});
    EXPECT_LT(result.at("owa"), 0.8) << decoder;
    EXPECT_GT(result.at("coverage"), 0.3) << decoder;
    trained->save(scratch_ / "model.recur");
    const auto loaded = load_trained(scratch_ / "model.recur");
    EXPECT_EQ(trained->evaluate({data}).at("loss"), loaded->evaluate({data}).at("loss")) << decoder;
  }
}

TEST_F(ForecastTaskTest, RunsInDoublePrecision) {
  const auto data = scratch_.put("train.csv", waves(3, 40, 1));
  for (const char* decoder : {"direct", "autoregressive", "smoothing"}) {
    auto task = make(decoder);
    task->options.model.highway = 8;
    const auto taught = teach(std::move(task), {.files = {data}});
    taught.training->module().to(DType::kF64);
    EXPECT_TRUE(std::isfinite(train_by_hand(*taught.training, 3))) << decoder;
    EXPECT_TRUE(std::isfinite(taught.trained().evaluate({data}).at("smape"))) << decoder;
  }
}

TEST_F(ForecastTaskTest, RefusesAModelFileOfAnotherSize) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.csv", waves(3, 40, 1))}});
  const Assets assets = taught.trained().assets();
  for (const bool direct : {true, false}) {
    const auto other = make(direct ? "direct" : "smoothing");
    other->options = taught.options();
    other->options.model.decoder = direct ? "direct" : "smoothing";
    other->options.model.segment = direct ? 1 << 20 : 8;
    other->options.data.horizon = direct ? 4 : 1 << 20;
    EXPECT_THROW(other->restore(assets, taught.trained().module().parameter_count()), Error);
  }
  auto open = make();
  EXPECT_THROW(open->restore(assets, 1000000), Error);  // nothing has been chosen
}

TEST_F(ForecastTaskTest, SampledPathsFollowEachOther) {
  // A random walk: what is drawn at one step must show in the next, so that the spread grows.
  Random random(3);
  std::string text = "id,time,y\n";
  for (int i = 0; i < 8; ++i) {
    double y = 100;
    for (int t = 0; t < 80; ++t) text += fmt::format("s{},{},{:.4f}\n", i, t, y += random.normal());
  }
  auto task = make("autoregressive");
  task->options.data.future.clear();
  task->options.data.season = 1;
  task->options.data.horizon = 8;
  task->options.data.center = "last";
  task->options.data.scaler = "deviation";
  const auto taught = teach(std::move(task), {.files = {scratch_.put("walk.csv", text)}}, 250);
  Kept rows;
  taught.trained().predict({scratch_.put("walk.csv", text)}, rows);
  double first = 0, last = 0;
  for (const auto& row : rows.rows()) {
    const double width = std::get<double>(row[6]) - std::get<double>(row[4]);
    if (std::get<int64_t>(row[1]) == 1) first += width;
    if (std::get<int64_t>(row[1]) == 8) last += width;
  }
  EXPECT_GT(last, 1.5 * first);
}

TEST_F(ForecastTaskTest, SmoothingRefusesWhatItCannotDivideBy) {
  const auto task = make("smoothing");
  task->options.data.future.clear();
  const auto data = scratch_.put("zero.csv", "id,time,y\na,1,1\na,2,0\na,3,2\na,4,2\na,5,3\na,6,4\n");
  EXPECT_THROW(task->train({.files = {data}}, {})->step(), Error);
}

TEST_F(ForecastTaskTest, PredictsBehindTheLastKnownStep) {
  const auto taught = teach(make(), {.files = {scratch_.put("train.csv", waves(3, 40, 1))}});
  std::string ahead = waves(1, 40, 2);
  for (int t = 40; t < 44; ++t) ahead += fmt::format("s0,{},,0\n", t);
  Kept rows;
  taught.trained().predict({scratch_.put("ahead.csv", ahead)}, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"id", "step", "time", "mean", "q0.1", "q0.5", "q0.9"}));
  ASSERT_EQ(rows.rows().size(), 4u);
  EXPECT_EQ(std::get<std::string>(rows.rows()[0][0]), "s0");
  EXPECT_EQ(std::get<int64_t>(rows.rows()[3][1]), 4);
  EXPECT_EQ(std::get<std::string>(rows.rows()[3][2]), "43");
  for (const auto& row : rows.rows()) EXPECT_LE(std::get<double>(row[4]), std::get<double>(row[6]));

  Kept samples;
  with_use(taught.trained(), {"output=samples"})->predict({scratch_.put("ahead.csv", ahead)}, samples);
  EXPECT_EQ(samples.rows().size(), 4u * 9);  // the quantiles that are learnt stand for samples
}

TEST_F(ForecastTaskTest, SeriesOfWhichNothingIsKnownAreNotForecastAndNamed) {
  auto task = make();
  task->options.data.future.clear();
  const auto data = scratch_.put("train.csv", "time,y,z\n1,1,1\n2,2,2\n3,3,1\n4,4,2\n5,5,1\n6,6,2\n");
  const auto taught = teach(std::move(task), {.files = {data}});
  Kept rows;
  const Logged log;
  taught.trained().predict({scratch_.put("half.csv", "time,y,z\n1,1,\n2,2,\n3,3,\n")}, rows);
  ASSERT_EQ(log.warnings.size(), 1u);
  EXPECT_NE(log.warnings[0].find("1 series has no value, so that there is no forecast; the first: "), std::string::npos)
      << log.warnings[0];
  ASSERT_EQ(rows.rows().size(), 4u);
  EXPECT_EQ(std::get<std::string>(rows.rows()[0][1]), "y");
}

TEST_F(ForecastTaskTest, RefusesWhatItCannotForecast) {
  const auto train = scratch_.put("train.csv", waves(3, 40, 1));
  const auto taught = teach(make(), {.files = {train}});
  const Trained& trained = taught.trained();
  Kept rows;
  EXPECT_THROW(trained.predict({train}, rows), Error);  // no rows ahead for the covariate
  EXPECT_THROW(trained.evaluate({scratch_.put("short.csv", waves(1, 4, 1))}), Error);
  EXPECT_THROW(trained.evaluate({scratch_.put("other.csv", "id,time,z,event\ns0,0,1,0\n")}), Error);
  EXPECT_THROW(with_use(trained, {"levels=0.5,2"})->predict({train}, rows), UsageError);
  EXPECT_THROW(teach(make(), {.files = {scratch_.put("tiny.csv", waves(2, 4, 1))}}), Error);
  auto both = make();
  both->options.model.rnn.bidirectional = true;
  EXPECT_THROW(teach(std::move(both), {.files = {train}}), UsageError);
}

TEST_F(ForecastTaskTest, SeriesYoungerThanTheContextAreForecastFromWhatThereIs) {
  auto task = make();
  task->options.data.past = {"event"};
  task->options.data.future.clear();
  const auto taught = teach(std::move(task), {.files = {scratch_.put("train.csv", waves(3, 40, 1))}});
  EXPECT_EQ(taught.trained().evaluate({scratch_.put("young.csv", waves(2, 6, 3))}).examples, 2);
}

TEST_F(ForecastTaskTest, IsTheSameAfterSaving) {
  for (const int64_t members : {1, 2}) {
    auto task = make();
    task->options.model.members = members;
    const auto data = scratch_.put("train.csv", waves(3, 40, 1));
    const auto taught = teach(std::move(task), {.files = {data}}, 5);
    taught.trained().save(scratch_ / "model.recur");
    const auto loaded = load_trained(scratch_ / "model.recur");
    EXPECT_EQ(taught.trained().evaluate({data}).at("loss"), loaded->evaluate({data}).at("loss"));
  }
}

}  // namespace
}  // namespace recur
