// When a run validates, keeps a checkpoint, stops early and ends. By counts, never by the clock.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throws.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;

class CadenceTest : public ::testing::Test {
 protected:
  CadenceTest() { write_bytes(scratch_ / "text.txt", small_text(120)); }

  TrainResult train(const std::vector<std::string>& overrides, Witness& witness) {
    return small_run(scratch_ / "text.txt", overrides)->train(scratch_ / "run", true, witness.context());
  }
  int64_t checkpoint_step() const { return StateReader::open(scratch_ / "run/last.ckpt").integer("run.step"); }

  Scratch scratch_;
};

// Notes which step the checkpoint on disk is of as each step ends.
struct Checkpoints : Witness {
  explicit Checkpoints(const std::filesystem::path& path) : path_(path) {}
  void on_step(const StepReport& report) override {
    Witness::on_step(report);
    seen.push_back(StateReader::open(path_).integer("run.step"));
  }
  std::filesystem::path path_;
  std::vector<int64_t> seen;
};

TEST_F(CadenceTest, ThereIsACheckpointBeforeTheFirstStepAndAfterTheLast) {
  Checkpoints witness(scratch_ / "run/last.ckpt");
  train({"steps=5", "checkpoint_every=1h"}, witness);
  EXPECT_EQ(witness.seen, std::vector<int64_t>(5, 0));
  EXPECT_EQ(checkpoint_step(), 5);
}

TEST_F(CadenceTest, WithoutAPauseEveryStepIsKept) {
  Checkpoints witness(scratch_ / "run/last.ckpt");
  train({"steps=5", "checkpoint_every=0s"}, witness);
  EXPECT_EQ(witness.seen, (std::vector<int64_t>{0, 1, 2, 3, 4}));  // it is written after the step is reported
  EXPECT_EQ(checkpoint_step(), 5);
}

TEST_F(CadenceTest, ValidatesAtTheEndOfEveryEpochUnlessToldOtherwise) {
  Witness witness;
  const TrainResult result = train({"epochs=3", "batch=8"}, witness);
  ASSERT_EQ(witness.validated_at.size(), 3U);
  EXPECT_EQ(witness.validated_at[2], result.step);
  EXPECT_EQ(witness.validated_at[0] * 3, result.step);  // every epoch has as many steps
}

TEST_F(CadenceTest, TheLastValidationIsNotRepeated) {
  Witness witness;
  train({"steps=12", "validate_every=4"}, witness);
  EXPECT_EQ(witness.validated_at, (std::vector<int64_t>{4, 8, 12}));
}

TEST_F(CadenceTest, StopsAfterThePatienceAndKeepsTheBest) {
  Witness witness;
  const TrainResult result =
      train({"steps=100000", "validate_every=2", "patience=3", "lr=0.5", "clip=0", "schedule=constant"}, witness);
  EXPECT_EQ(result.end, TrainEnd::kEarly);
  EXPECT_EQ(witness.validated_at.back(), result.step);
  EXPECT_EQ(result.step, result.best_step + 3 * 2);
  EXPECT_THAT(result.message, ::testing::HasSubstr("has not improved for 3 validations, since step"));
  EXPECT_EQ(read_model_facts(scratch_ / "run")["step"], std::to_string(result.best_step));
}

TEST_F(CadenceTest, AStopIsTakenAfterTheStepThatIsRunning) {
  Witness witness(4);
  const TrainResult result = train({"steps=100"}, witness);
  EXPECT_EQ(result.end, TrainEnd::kStopped);
  EXPECT_EQ(result.step, 4);
  EXPECT_EQ(checkpoint_step(), 4);
  EXPECT_THAT(result.message, ::testing::HasSubstr("to resume: recur resume"));
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "run/model.recur"));
}

TEST_F(CadenceTest, AStopBeforeTheFirstStepLeavesARunToGoOnFrom) {
  Witness witness;
  witness.stop = true;
  EXPECT_EQ(train({"steps=6"}, witness).step, 0);
  EXPECT_EQ(recur::Run::open(scratch_ / "run")->resume().step, 6);
}

TEST_F(CadenceTest, EndsAtWhateverComesFirst) {
  const auto steps_of = [&](const std::vector<std::string>& overrides) {
    Witness witness;
    return train(overrides, witness).step;
  };
  const int64_t epoch = steps_of({"epochs=1"});
  EXPECT_EQ(steps_of({"epochs=1", "steps=100000", "time=10h"}), epoch);
  EXPECT_EQ(steps_of({"epochs=100", "steps=7", "time=10h"}), 7);
  EXPECT_EQ(steps_of({"epochs=1", "steps=" + std::to_string(epoch + 1)}), epoch);
}

TEST_F(CadenceTest, ProgressRisesToOne) {
  Witness witness;
  train({"steps=9"}, witness);
  for (size_t i = 0; i < witness.steps.size(); ++i)
    EXPECT_DOUBLE_EQ(witness.steps[i].progress, static_cast<double>(i + 1) / 9);
}

TEST_F(CadenceTest, RowsOfTheMetricsAreThoseAsked) {
  Witness witness;
  train({"steps=10", "log_every=4", "validate_every=5"}, witness);
  std::vector<std::string> rows;
  for (const MetricsRow& row : read_metrics(scratch_ / "run/metrics.jsonl"))
    rows.push_back(std::to_string(row.step) + " " + row.metrics[0].name);
  EXPECT_EQ(rows, (std::vector<std::string>{"4 train_loss", "5 valid_loss", "8 train_loss", "10 valid_loss"}));
}

}  // namespace
}  // namespace recur
