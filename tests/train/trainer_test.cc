#include "recur/train/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "recur/base/threads.h"
#include "tests/support/throws.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;

class TrainerTest : public ::testing::Test {
 protected:
  TrainerTest() { write_bytes(scratch_ / "text.txt", small_text(120)); }

  TrainResult train(const std::vector<std::string>& overrides, Witness& witness) {
    return small_run(scratch_ / "text.txt", overrides)->train(scratch_ / "run", true, witness.context());
  }
  TrainResult train(const std::vector<std::string>& overrides) {
    Witness witness;
    return train(overrides, witness);
  }

  Scratch scratch_;
};

TEST_F(TrainerTest, LearnsAndLeavesAWholeRunFolder) {
  Witness witness;
  const TrainResult result = train({"epochs=4"}, witness);
  EXPECT_EQ(result.end, TrainEnd::kFinished);
  EXPECT_EQ(result.epoch, 4);
  EXPECT_EQ(witness.validations.size(), 4U);
  ASSERT_TRUE(result.best);
  EXPECT_LT(result.best->at("loss"), 2.0);
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(scratch_ / "run"))
    files.insert(entry.path().filename().string().substr(0, 10));
  EXPECT_EQ(files, (std::set<std::string>{"config.tom", "events.out", "last.ckpt", "metrics.js", "model.recu"}));
}

TEST_F(TrainerTest, FilesInMemoryTrainToTheBitsOfThoseOnTheDisk) {
  train({"steps=6"});
  const auto run = small_run("no-such-file.txt", {"steps=6"});
  run->take_data({DataFile::from_memory("text", small_text(120))});
  run->train(scratch_ / "memory");
  EXPECT_EQ(contents_of(scratch_ / "memory/last.ckpt"), contents_of(scratch_ / "run/last.ckpt"));
}

TEST_F(TrainerTest, TheModelFileIsTheBestOnValidation) {
  // The rate is far too high in the end, so that the last model is not the best.
  Witness witness;
  const TrainResult result = train({"steps=60", "validate_every=6", "lr=0.3", "clip=0"}, witness);
  double lowest = 1e9;
  for (const Evaluation& each : witness.validations) lowest = std::min(lowest, each.at("loss"));
  EXPECT_EQ(result.best->at("loss"), lowest);
  EXPECT_EQ(read_model_facts(scratch_ / "run")["step"], std::to_string(result.best_step));

  const std::string text = small_text(120);  // the validation part, as a file
  write_bytes(scratch_ / "valid.txt", text.substr(text.size() * 8 / 10));
  const Evaluation loaded = load_trained(scratch_ / "run")->evaluate({scratch_ / "valid.txt"});
  EXPECT_EQ(loaded.at("loss"), lowest);
}

TEST_F(TrainerTest, WithoutValidationTheModelFileIsTheLast) {
  const TrainResult result = train({"steps=12", "valid="});
  EXPECT_FALSE(result.best);
  EXPECT_EQ(read_model_facts(scratch_ / "run")["step"], "12");
  EXPECT_GT(load_trained(scratch_ / "run")->evaluate({scratch_ / "text.txt"}).examples, 100);
}

TEST_F(TrainerTest, EndsAtStepsEpochsOrTime) {
  EXPECT_EQ(train({"steps=7"}).step, 7);
  EXPECT_EQ(train({"epochs=1", "steps=1000000"}).epoch, 1);
  EXPECT_NEAR(train({"epochs=0.5"}).epoch, 0.5, 0.05);
  const TrainResult timed = train({"time=200ms"});
  EXPECT_EQ(timed.end, TrainEnd::kFinished);
  EXPECT_GE(timed.elapsed, 0.2);
  EXPECT_TRUE(timed.best);
}

TEST_F(TrainerTest, StopsEarlyWhenValidationDoesNotImprove) {
  const TrainResult result = train({"steps=100000", "validate_every=2", "patience=3", "lr=1e-9"});
  EXPECT_EQ(result.end, TrainEnd::kEarly);
  EXPECT_LT(result.step, 1000);
}

TEST_F(TrainerTest, ValidatesWhenAskedAndAtTheEnd) {
  Witness witness;
  train({"steps=10", "validate_every=4"}, witness);
  EXPECT_EQ(witness.validated_at, (std::vector<int64_t>{4, 8, 10}));
}

TEST_F(TrainerTest, ReportsEveryStep) {
  Witness witness;
  train({"steps=10"}, witness);
  ASSERT_EQ(witness.steps.size(), 10U);
  const StepReport& last = witness.steps.back();
  EXPECT_EQ(last.step, 10);
  EXPECT_EQ(last.progress, 1);
  EXPECT_EQ(last.remaining, 0);
  EXPECT_GT(last.examples_per_second, 0);
  EXPECT_GT(last.gradient_norm, 0);
  EXPECT_NEAR(last.loss, witness.steps[5].loss, 1);
}

TEST_F(TrainerTest, LogsMeansOverTheStepsSinceTheLastRow) {
  train({"steps=9", "log_every=3", "valid="});
  const std::vector<MetricsRow> rows = read_metrics(scratch_ / "run/metrics.jsonl");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[1].step, 6);
  EXPECT_EQ(rows[1].metrics[0].name, "train_loss");
  EXPECT_GT(rows[0].metrics[0].value, rows[2].metrics[0].value);
}

TEST_F(TrainerTest, TheRateFollowsItsSchedule) {
  Witness witness;
  train({"steps=40", "schedule=cosine", "warmup=4", "lr=0.01"}, witness);
  EXPECT_NEAR(witness.steps[0].rate, 0.0025, 1e-9);
  EXPECT_NEAR(witness.steps[20].rate, 0.005, 1e-9);
  EXPECT_LT(witness.steps[39].rate, 1e-4);
  Witness zaremba;
  train({"epochs=4", "schedule=exponential", "hold=2", "decay=0.5", "lr=0.01"}, zaremba);
  for (const StepReport& each : zaremba.steps) {
    const double before = std::ceil(each.epoch) - 1;
    EXPECT_NEAR(each.rate, before < 2 ? 0.01 : before < 3 ? 0.005 : 0.0025, 1e-12) << each.epoch;
  }
}

TEST_F(TrainerTest, AveragingBeginsWhenValidationStopsImproving) {
  Witness witness;
  train({"optimizer=asgd", "lr=30", "clip=0.25", "steps=80", "validate_every=2", "average_interval=1"}, witness);
  ASSERT_EQ(witness.messages.size(), 1U);
  EXPECT_NE(witness.messages[0].find("averaging"), std::string::npos);
}

TEST_F(TrainerTest, TracesGradientsOnRequest) {
  train({"steps=10", "trace_gradients=4"});
  const std::string rows = read_bytes(scratch_ / "run/gradients.jsonl");
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 3);
  EXPECT_EQ(rows.rfind("{\"step\":1,\"gradient_norm\":[[", 0), 0U);
}

TEST_F(TrainerTest, ALossThatIsNoNumberStopsTheRunAndNamesTheCause) {
  recur::Run run("lm");
  set_small(run, scratch_ / "text.txt", {"steps=50"});
  struct Poison : Witness {
    void on_begin(const Training& training) override { parameter = training.trained().module().parameters()[1]; }
    void on_step(const StepReport& report) override {
      if (report.step == 7) parameter.data<float>()[3] = std::nanf("");
    }
    Tensor parameter;
  } poison;
  const std::string message = message_of([&] { run.train(scratch_ / "run", false, poison.context()); });
  EXPECT_NE(message.find("step 8: the loss is NaN; first parameter not finite: rnn.weight_ih_l0; the last good"),
            message.npos)
      << message;
  EXPECT_EQ(recur::Run::open(scratch_ / "run")->settings().task, "lm");  // which is still there, and whole
}

TEST_F(TrainerTest, PenaltiesShrinkTheParameters) {
  const auto size = [&](const std::string& override_text) {
    train({"steps=40", override_text});
    double sum = 0;
    for (const Tensor& each : load_trained(scratch_ / "run")->module().parameters()) {
      for (const float w : each.values<float>()) sum += std::abs(w);
    }
    return sum;
  };
  const double plain = size("l1=0");
  EXPECT_LT(size("l1=0.01"), plain);
  EXPECT_LT(size("weight_decay=0.1"), plain);
}

TEST_F(TrainerTest, TheNumberOfThreadsDoesNotChangeTheBits) {
  const int before = threads();
  const auto trained = [&](const char* threads_option) {
    train({"steps=6", "hidden=160", "layers=2", "batch=16", "bptt=20", "tokens=words", "dropout=0.2", threads_option});
    return contents_of(scratch_ / "run/last.ckpt");
  };
  const auto one = trained("threads=1");
  EXPECT_EQ(trained("threads=3"), one);
  set_threads(before);
}

TEST_F(TrainerTest, ARunIsNotOverwrittenByAccident) {
  train({"steps=3"});
  const std::string model = read_bytes(scratch_ / "run/model.recur");
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {})->train(scratch_ / "run"), "already holds a run");
  EXPECT_EQ(read_bytes(scratch_ / "run/model.recur"), model);
  write_bytes(scratch_ / "run/notes.txt", "mine");
  small_run(scratch_ / "text.txt", {"steps=2"})->train(scratch_ / "run", true);
  EXPECT_EQ(read_bytes(scratch_ / "run/notes.txt"), "mine");
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {})->train(scratch_ / "text.txt"), "got a file");
}

TEST_F(TrainerTest, NothingIsWrittenWhenTheDataAreBad) {
  EXPECT_ERROR(small_run(scratch_ / "missing.txt", {})->train(scratch_ / "new"), "missing.txt");
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {"batch=100000"})->train(scratch_ / "new"), "too few");
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {"valid=1.5"})->train(scratch_ / "new"), "between 0 and 1");
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {"valid=", "patience=3"})->train(scratch_ / "new"), "needs validation");
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {"valid=", "schedule=plateau"})->train(scratch_ / "new"),
               "needs validation");
  EXPECT_ERROR(small_run(scratch_ / "text.txt", {"valid=", "optimizer=asgd"})->train(scratch_ / "new"),
               "expected validation data");
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "new"));
  EXPECT_ERROR(recur::Run("lm").train(scratch_ / "new"), "expected files or folders");
  EXPECT_ERROR(recur::Run("ml"), "unknown task 'ml'");
}

TEST_F(TrainerTest, ConfigTomlHoldsEveryOption) {
  train({"steps=3", "hidden=9"});
  recur::Run again("lm");
  again.config().read_file(scratch_ / "run/config.toml");
  EXPECT_EQ(again.config().find("hidden")->value_text(), "9");
  EXPECT_EQ(again.config().find("steps")->value_text(), "3");
  const std::string toml = read_bytes(scratch_ / "run/config.toml");
  for (const ConfigField& each : again.config().fields()) EXPECT_NE(toml.find(each.key), std::string::npos) << each.key;
}

}  // namespace
}  // namespace recur
