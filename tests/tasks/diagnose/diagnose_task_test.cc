#include "recur/tasks/diagnose/diagnose_task.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/base/log.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

// A row per measurement at times of its own. "ill": the pulse rises towards the end; "tested": a lab value is measured
// at all, whatever it is.
std::string measurements(int records, uint64_t seed) {
  Random random(seed);
  std::string out = "id,time,parameter,value\n";
  for (int i = 0; i < records; ++i) {
    const bool ill = random.bernoulli(0.4), tested = random.bernoulli(0.5);
    out += fmt::format("p{},0,age,{}\n", i, 30 + random.below(50));
    const double end = 6 + 4 * random.uniform();
    for (double t = 0.1; t < end; t += 0.3 + random.uniform()) {
      const double pulse = 70 + 5 * random.uniform() + (ill ? 3 * t : 0);
      out += fmt::format("p{},{:.2f},pulse,{:.1f}\n", i, t, pulse);
      if (tested && random.bernoulli(0.3)) out += fmt::format("p{},{:.2f},lab,{:.2f}\n", i, t, random.uniform());
    }
  }
  return out;
}

// The labels of the same records, drawn in the same order.
std::string answers(const std::string& measured) {
  std::string out = "id,ill,tested\n", id;
  double first = 0, last = 0;
  bool lab = false;
  const auto finish = [&] {
    if (!id.empty()) out += fmt::format("{},{},{}\n", id, last - first > 8 ? 1 : 0, lab ? "yes" : "no");
  };
  for (size_t at = measured.find('\n') + 1; at < measured.size(); at = measured.find('\n', at) + 1) {
    const std::string line = measured.substr(at, measured.find('\n', at) - at);
    const size_t a = line.find(','), b = line.find(',', a + 1), c = line.find(',', b + 1);
    if (line.substr(0, a) != id) {
      finish();
      id = line.substr(0, a);
      first = last = 0;
      lab = false;
    }
    const std::string parameter = line.substr(b + 1, c - b - 1);
    lab |= parameter == "lab";
    if (parameter != "pulse") continue;
    last = std::stod(line.substr(c + 1));
    if (first == 0) first = last;
  }
  finish();
  return out;
}

class DiagnoseTaskTest : public ::testing::Test {
 protected:
  std::unique_ptr<DiagnoseTask> make() const {
    auto task = std::make_unique<DiagnoseTask>();
    task->options.data.batch = 8;
    task->options.data.labels = {"ill", "tested"};
    task->options.data.series.statics = {"age"};
    task->options.model.rnn.hidden = 12;
    task->options.model.dropout = 0;
    task->options.use.bootstrap = 20;
    task->options.use.labels_file = (scratch_ / "labels.csv").string();
    return task;
  }
  // Data with their labels beside them.
  std::filesystem::path data(int records, uint64_t seed) const {
    const std::string text = measurements(records, seed);
    scratch_.put("labels.csv", answers(text));
    return scratch_.put("data.csv", text);
  }
  Taught<DiagnoseTask> taught(int steps = 0) const { return teach(make(), {.files = {data(80, 1)}}, steps); }
  static double number(const TableCell& cell) { return std::get<double>(cell); }

  Scratch scratch_;
};

TEST_F(DiagnoseTaskTest, LearnsFromValuesAndFromWhatIsMissing) {
  const auto taught = this->taught(150);
  const Evaluation result = taught.trained().evaluate({data(60, 2)});
  EXPECT_EQ(result.examples, 60);
  EXPECT_GT(result.at("macro_auc"), 0.95);
  EXPECT_GT(result.at("micro_auc"), 0.95);
  EXPECT_GT(result.at("macro_f1"), 0.8);
  EXPECT_LT(result.at("loss"), 0.35);
  std::vector<std::string> names;
  for (const Table& table : result.tables) names.push_back(table.name);
  EXPECT_EQ(names, (std::vector<std::string>{"methods", "intervals", "labels", "by_step", "early_warning"}));
  const Table& steps = result.tables[3];
  EXPECT_GT(number(steps.rows.back()[2]), number(steps.rows.front()[2]));
  for (const auto& row : result.tables[1].rows) {
    EXPECT_LE(number(row[2]), number(row[1]));
    EXPECT_GE(number(row[3]), number(row[1]));
  }
}

class DiagnoseNetworks : public DiagnoseTaskTest, public ::testing::WithParamInterface<int> {};

TEST_P(DiagnoseNetworks, LearnWithEveryWayToFillGaps) {
  auto task = make();
  DiagnoseOptions& o = task->options;
  switch (GetParam()) {
    case 0:  // "mean" of Che et al. 2016
      o.model.decay = false, o.data.gaps.masks = false, o.data.gaps.fill = "normal", o.data.labels = {"ill"};
      break;
    case 1:  // target replication and an auxiliary output, as Lipton et al. 2015
      o.model.decay = false, o.model.rnn.cell = "lstm", o.loss.replication = 0.5, o.model.dropout = 0.1f;
      o.data.labels = {"ill"}, o.data.auxiliary = {"tested"};
      break;
    case 2:
      o.model.rnn.layers = 2, o.data.gaps.elapsed = true, o.data.gaps.fill = "forward_back";
      break;
    default:
      o.model.rnn.cell = "lstm", o.data.grid.step = 0.5, o.data.grid.origin = "zero", o.data.grid.within = "last";
  }
  const auto taught = teach(std::move(task), {.files = {data(80, 1)}}, 150);
  const Evaluation result = taught.trained().evaluate({data(60, 2)});
  EXPECT_GT(result.at(taught.options().data.labels.size() > 1 ? "macro_auc" : "auc"), 0.9);
}
INSTANTIATE_TEST_SUITE_P(All, DiagnoseNetworks, ::testing::Range(0, 4));

TEST_F(DiagnoseTaskTest, AModelFileSaysTheSameAsTheModel) {
  const auto taught = teach(make(), {.files = {data(80, 1)}, .held_out = 0.25}, 20);
  const Evaluation checked = taught.training->validate();
  Kept before, after;
  const auto file = data(10, 3);
  taught.trained().predict({file}, before);
  taught.trained().save(scratch_ / "model.recur");
  const auto loaded = load_trained(scratch_ / "model.recur");
  loaded->predict({file}, after);
  EXPECT_EQ(before.rows(), after.rows());
  EXPECT_EQ(before.names(), (std::vector<std::string>{"id", "p.ill", "p.tested"}));
  // The thresholds that validation found are the model's.
  EXPECT_EQ(loaded->assets(), taught.trained().assets());
  EXPECT_NE(loaded->assets().at("labels").find("threshold"), std::string::npos);
  EXPECT_TRUE(checked.find("macro_f1"));
}

TEST_F(DiagnoseTaskTest, PredictsEveryStepWhereThatIsAskedFor) {
  const auto taught = this->taught();
  const auto file = scratch_.put("one.csv", "id,time,parameter,value\na,0,pulse,70\na,2.5,pulse,80\nb,1,pulse,75\n");
  Kept rows, last;
  with_use(taught.trained(), {"labels_file=", "every_step=true"})->predict({file}, rows);
  EXPECT_EQ(rows.names()[1], "time");
  ASSERT_EQ(rows.rows().size(), 4u);  // 3 steps of a, 1 of b
  EXPECT_EQ(std::get<std::string>(rows.rows()[2][1]), "3");
  EXPECT_EQ(std::get<std::string>(rows.rows()[3][1]), "2");
  with_use(taught.trained(), {"labels_file="})->predict({file}, last);
  EXPECT_EQ(last.rows()[0][1], rows.rows()[2][2]);
}

TEST_F(DiagnoseTaskTest, PredictionsDoNotHangOnTheBatch) {
  const auto taught = this->taught(10);
  const auto file = data(12, 4);
  Kept together, alone;
  taught.trained().predict({file}, together);
  with_use(taught.trained(), {"eval_batch=1"})->predict({file}, alone);
  for (size_t i = 0; i < together.rows().size(); ++i) {
    EXPECT_NEAR(number(together.rows()[i][1]), number(alone.rows()[i][1]), 1e-6);
  }
}

TEST_F(DiagnoseTaskTest, UnknownVariablesAreLeftOutAndAbsentOnesMissing) {
  const auto taught = this->taught();
  const auto trained = with_use(taught.trained(), {"labels_file="});
  const std::string head = "id,time,parameter,value\n", pulse = "a,0,pulse,70\na,1,pulse,90\n";
  Kept plain, more;
  trained->predict({scratch_.put("plain.csv", head + pulse)}, plain);
  std::vector<std::string> notes;
  auto before = set_log_sink([&](LogLevel, std::string_view line) { notes.emplace_back(line); });
  trained->predict({scratch_.put("more.csv", head + pulse + "a,1,mood,3\n")}, more);
  set_log_sink(std::move(before));
  EXPECT_EQ(plain.rows(), more.rows());
  EXPECT_THAT(notes, ::testing::Contains(::testing::HasSubstr("not used w")));
}

TEST_F(DiagnoseTaskTest, ARecordWithoutMeasurementsIsPredictedFromWhatIsNormal) {
  const auto taught = this->taught();
  const auto trained = with_use(taught.trained(), {"labels_file="});
  std::vector<std::string> notes;
  auto before = set_log_sink([&](LogLevel, std::string_view line) { notes.emplace_back(line); });
  Kept rows;
  trained->predict({scratch_.put("bare.csv", "id,time,parameter,value\na,0,age,50\nb,0,age,50\nb,0,pulse,70\n")}, rows);
  set_log_sink(std::move(before));
  ASSERT_EQ(rows.rows().size(), 2u);
  EXPECT_TRUE(std::isfinite(number(rows.rows()[0][1])));
  EXPECT_THAT(notes, ::testing::Contains(::testing::HasSubstr("1 record has no measurement")));
}

TEST_F(DiagnoseTaskTest, RefusesTimesThatGoBackAndStampsThatRepeat) {
  const auto trained = [&](bool sort_time, const std::string& repeats) {
    auto task = make();
    task->options.data.series.sort_time = sort_time;
    task->options.data.series.repeats = repeats;
    return with_use(teach(std::move(task), {.files = {data(80, 1)}}).trained(), {"labels_file="});
  };
  const auto strict = trained(false, make()->options.data.series.repeats), lenient = trained(true, "mean");
  Kept rows;
  const std::string head = "id,time,parameter,value\n";
  const auto back = scratch_.put("back.csv", head + "a,1,pulse,70\na,0,pulse,71\n");
  EXPECT_ERROR(strict->predict({back}, rows), "back.csv:3");
  EXPECT_NO_THROW(lenient->predict({back}, rows));
  const auto twice = scratch_.put("twice.csv", head + "a,1,pulse,70\na,1,pulse,72\n");
  EXPECT_ERROR(strict->predict({twice}, rows), "twice.csv:3");
  EXPECT_NO_THROW(lenient->predict({twice}, rows));
}

TEST_F(DiagnoseTaskTest, RefusesWhatCannotBeLearntOrMeasured) {
  const auto file = data(20, 1);
  const auto start = [&](auto change) {
    auto task = make();
    change(*task);
    task->train({.files = {file}}, {});
  };
  EXPECT_ERROR(start([](DiagnoseTask& t) { t.options.model.rnn.bidirectional = true; }), "bidirectional");
  EXPECT_ERROR(start([](DiagnoseTask& t) { t.options.data.labels = {"mood"}; }), "there is no column 'mood'");
  EXPECT_ERROR(start([&](DiagnoseTask& t) { t.options.data.gaps.normal_values = (scratch_ / "none").string(); }),
               "none");
  std::string all_well = "id,ill,tested\n";
  for (int i = 0; i < 20; ++i) all_well += fmt::format("p{},0,{}\n", i, i % 2);
  scratch_.put("labels.csv", all_well);
  EXPECT_ERROR(start([](DiagnoseTask&) {}),
               "label ill: expected training records with and without it, got 0 with and 20 without");
  scratch_.put("labels.csv", "id,ill,tested\np0,1,0\n");
  EXPECT_ERROR(start([](DiagnoseTask&) {}), "no row has the id 'p1'");
  scratch_.put("labels.csv", "id,ill,tested\np0,perhaps,0\n");
  EXPECT_ERROR(start([](DiagnoseTask&) {}), "labels.csv");
}

TEST_F(DiagnoseTaskTest, AValidationPartOfOneAnswerCanChooseByLossAlone) {
  std::string labels = "id,ill,tested\n";
  for (int i = 0; i < 20; ++i) labels += fmt::format("p{},{},{}\n", i, i == 0 ? 1 : 0, i == 0 ? 1 : 0);
  const auto file = data(20, 1);
  scratch_.put("labels.csv", labels);
  auto task = make();
  const TrainingData held_out{.files = {file}, .held_out = 0.1};
  EXPECT_ERROR(task->train(held_out, {}), "select = loss");
  task->options.loss.select = "loss";
  const auto training = task->train(held_out, {});
  EXPECT_FALSE(training->criterion().higher_is_better);
  EXPECT_FALSE(training->validate().find("macro_auc"));
}

TEST_F(DiagnoseTaskTest, EvaluatesOneAnswerAloneWithoutAuc) {
  const auto taught = this->taught();
  const auto file = scratch_.put("well.csv", "id,time,parameter,value\na,0,pulse,70\nb,0,pulse,72\n");
  scratch_.put("labels.csv", "id,ill,tested\na,0,0\nb,0,0\n");
  const Evaluation result = taught.trained().evaluate({file});
  EXPECT_FALSE(result.find("macro_auc"));
  EXPECT_TRUE(result.find("loss"));
  const auto measure = [&](const std::filesystem::path& test) { taught.trained().evaluate({test}); };
  EXPECT_ERROR(measure(scratch_.put("empty.csv", "id,time,parameter,value\n")), "empty.csv");
  EXPECT_ERROR(measure(scratch_.put("nothing.csv", "")), "nothing.csv");
}

TEST_F(DiagnoseTaskTest, RefusesAModelFileThatDoesNotFit) {
  const auto taught = this->taught();
  Assets assets = taught.trained().assets();
  DiagnoseTask other;
  other.options = taught.options();
  EXPECT_NO_THROW(other.restore(assets, 1 << 20));
  EXPECT_ERROR(other.restore(assets, 100), "at least");
  other.options.model.rnn.bidirectional = true;
  EXPECT_ERROR(other.restore(assets, 1 << 20), "bidirectional");
  assets.erase("labels");
  EXPECT_ERROR(other.restore(assets, 1 << 20), "lacks 'labels'");
}

}  // namespace
}  // namespace recur
