// The course of a run whose budget nobody has set: which model it keeps, when it ends, and that it says why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tasks/tiny_tasks.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CourseTest : public ::testing::Test {
 protected:
  std::unique_ptr<recur::Run> still_run(const std::vector<std::string>& overrides = {}) {
    write_bytes(scratch_ / "text.txt", small_text(60));
    std::vector<std::string> all{"lr=1e-20"};  // nothing is learnt
    all.insert(all.end(), overrides.begin(), overrides.end());
    return small_run(scratch_ / "text.txt", all);
  }

  Scratch scratch_;
};

// Reviews of which one word says all: soon all are right, and later models are only surer of it.
TEST_F(CourseTest, OfModelsWithTheBestMetricTheOneWithTheLowestLossIsKept) {
  recur::Run run("classify");
  run.config().apply_override("data=" + scratch_.put("a.tsv", tiny_reviews(1)).string());
  run.config().apply_override("valid=" + scratch_.put("b.tsv", tiny_reviews(2)).string());
  for (const char* each : {"hidden=4", "embedding=8", "batch=4", "epochs=20", "lr=0.02"})
    run.config().apply_override(each);
  Witness witness;
  const TrainResult result = run.train(scratch_ / "run", false, witness.context());
  double accuracy = 0, loss = 1e9;
  int64_t step = 0, first = 0;
  for (size_t i = 0; i < witness.validations.size(); ++i) {
    const Evaluation& each = witness.validations[i];
    if (each.at("accuracy") > accuracy) first = witness.validated_at[i];
    if (each.at("accuracy") < accuracy || (each.at("accuracy") == accuracy && each.at("loss") >= loss)) continue;
    accuracy = each.at("accuracy"), loss = each.at("loss"), step = witness.validated_at[i];
  }
  EXPECT_EQ(accuracy, 1);
  EXPECT_GT(step, first);
  EXPECT_EQ(result.best_step, step);
  EXPECT_EQ(result.best->at("loss"), loss);
  EXPECT_EQ(read_model_facts(scratch_ / "run")["step"], std::to_string(step));
}

TEST_F(CourseTest, EndsWhenValidationRestsAndBringsTheRateDownBefore) {
  Witness witness;
  const TrainResult result = still_run()->train(scratch_ / "run", false, witness.context());
  EXPECT_EQ(result.end, TrainEnd::kEarly);
  EXPECT_NEAR(result.epoch, 7.5, 0.2);  // of 20: the first improves, 5 rest, and a quarter of that for the end
  EXPECT_LT(witness.steps.back().rate, 0.01 * witness.steps.front().rate);
  for (size_t i = 1; i < witness.steps.size(); ++i) {
    EXPECT_LE(witness.steps[i].rate, witness.steps[i - 1].rate);
    EXPECT_GE(witness.steps[i].rate, witness.steps[i - 1].rate - 0.05 * witness.steps[0].rate) << i;
  }
  EXPECT_THAT(witness.messages, ElementsAre(HasSubstr("the validation loss has not improved for 5 validations")));
  EXPECT_THAT(result.message, HasSubstr("validation had long stopped improving"));
}

TEST_F(CourseTest, AStopOnTheWayToTheEndChangesNothing) {
  const TrainResult whole = still_run()->train(scratch_ / "whole");
  for (const int64_t stop : {whole.step - 3, whole.step / 2}) {
    Witness witness(stop);
    still_run()->train(scratch_ / "parts", true, witness.context());
    EXPECT_EQ(recur::Run::open(scratch_ / "parts")->resume().step, whole.step);
    EXPECT_EQ(contents_of(scratch_ / "parts/last.ckpt"), contents_of(scratch_ / "whole/last.ckpt"));
  }
}

TEST_F(CourseTest, ABudgetThatIsSetIsUsedUpAndNamed) {
  const TrainResult result = still_run({"epochs=12"})->train(scratch_ / "run");
  EXPECT_EQ(result.end, TrainEnd::kFinished);
  EXPECT_EQ(result.epoch, 12);
  EXPECT_THAT(result.message, HasSubstr("the budget of 12 passes over the data is used up"));
  EXPECT_EQ(still_run({"patience=0"})->train(scratch_ / "never").epoch, 20);
}

TEST_F(CourseTest, ARunThatEndedEarlyGoesOnWithABudget) {
  still_run()->train(scratch_ / "run");
  const auto run = recur::Run::open(scratch_ / "run");
  run->config().apply_override("epochs=9");
  EXPECT_EQ(run->resume().epoch, 9);
}

TEST_F(CourseTest, ValidatesAtMostSoOften) {
  Witness witness;
  still_run({"epochs=200", "batch=8"})->train(scratch_ / "run", false, witness.context());
  EXPECT_EQ(witness.validated_at.size(), 50U);
}

}  // namespace
}  // namespace recur
