// Runs that begin from a model: what they take from it, and what contradicts it.
#include <gtest/gtest.h>

#include "tests/support/throws.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;

// Adam's step is at most the rate, and so small a one is lost in rounding.
const char* const kNoLearning = "lr=1e-30";

class FirstModel : public ::testing::Test {
 protected:
  FirstModel() { write_bytes(scratch_ / "text.txt", small_text(120)); }

  std::unique_ptr<recur::Run> run_from(const std::string& model, const std::vector<std::string>& overrides) {
    auto run = std::make_unique<recur::Run>("lm");
    for (const char* each : {"valid=0.2", "log_every=3", "steps=20"}) run->config().apply_override(each);
    for (const std::string& each : overrides) run->config().apply_override(each);
    if (run->settings().data.empty()) run->config().apply_override("data=" + (scratch_ / "text.txt").string());
    if (!model.empty()) run->config().apply_override("from_model=" + (scratch_ / model).string());
    return run;
  }
  TrainResult train(const std::string& name, const std::string& model, const std::vector<std::string>& overrides) {
    return run_from(model, overrides)->train(scratch_ / name, false, {});
  }
  double loss(const std::string& run) {
    return load_trained(scratch_ / run)->evaluate({scratch_ / "text.txt"}).at("loss");
  }

  Scratch scratch_;
  const std::vector<std::string> small_{"hidden=12", "batch=4", "bptt=10", "lr=0.01", "dropout=0.1"};
};

TEST_F(FirstModel, IsKeptWhereNothingIsLearnt) {
  train("first", "", small_);
  train("second", "first", {kNoLearning, "steps=3"});
  EXPECT_EQ(loss("second"), loss("first"));
  EXPECT_EQ(load_trained(scratch_ / "second")->assets(), load_trained(scratch_ / "first")->assets());
}

TEST_F(FirstModel, LearnsOnFromWhereItWas) {
  Witness anew, witness;
  run_from("", small_)->train(scratch_ / "first", false, anew.context());
  const std::unique_ptr<recur::Run> run = run_from("first", {"steps=40", "lr=0.01"});
  run->compare_with_first();
  const TrainResult result = run->train(scratch_ / "second", false, witness.context());
  ASSERT_TRUE(run->before() && run->after() && result.best);
  EXPECT_LT(run->after()->evaluation.at("loss"), run->before()->evaluation.at("loss") - 0.05);
  EXPECT_EQ(run->after()->evaluation.at("loss"), result.best->at("loss"));
  EXPECT_LT(witness.steps.front().loss, anew.steps.front().loss - 0.2);
}

TEST_F(FirstModel, GivesTheOptionsThatWereNotGiven) {
  train("first", "", small_);
  const std::unique_ptr<recur::Run> run = run_from("first", {"dropout=0.4", "hidden=12", "steps=1"});
  run->train(scratch_ / "second", false, {});
  EXPECT_EQ(run->config().find("dropout")->value_text(), "0.4");  // how it learns is free
  EXPECT_EQ(run->config().find("batch")->value_text(), "4");      // of the model
  EXPECT_EQ(run->config().find("lr")->value_text(), "none");      // of a run
  EXPECT_EQ(recur::Run::open(scratch_ / "second")->settings().from_model, (scratch_ / "first").string());
}

TEST_F(FirstModel, RefusesWhatContradictsIt) {
  train("first", "", small_);
  const auto refused = [&](const char* option) { train("second", "first", {"steps=1", option}); };
  EXPECT_ERROR(refused("hidden=13"), "hidden: expected 12, as the model");
  EXPECT_ERROR(refused("hidden=13"), "got 13");
  EXPECT_ERROR(refused("cell=gru"), "cell: expected lstm, as the model");
  EXPECT_ERROR(refused("tokens=words"), "tokens: expected chars, as the model");
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "second"));
  recur::Run other("act");
  other.config().apply_override("env=t-maze:4");
  other.config().apply_override("from_model=" + (scratch_ / "first").string());
  EXPECT_ERROR(other.train(scratch_ / "second"), "expected a model of the task 'act', got one of 'lm'");
  load_trained(scratch_ / "first")->save_int8(scratch_ / "small.recur");
  EXPECT_ERROR(train("second", "small.recur", {"steps=1"}), "expected weights in f32, got int8");
  EXPECT_ERROR(run_from("first", {"steps=1"})->train(scratch_ / "first", true, {}), "outside of the run's own files");
}

TEST_F(FirstModel, ReadsOtherTextByItsVocabulary) {
  train("first", "", small_);
  write_bytes(scratch_ / "other.txt", small_text(60) + "~~~~");
  train("second", "first", {"steps=3", "data=" + (scratch_ / "other.txt").string()});
  EXPECT_EQ(load_trained(scratch_ / "second")->assets(), load_trained(scratch_ / "first")->assets());
}

TEST_F(FirstModel, IsOfTheRunsPrecision) {
  train("first", "", small_);
  train("double", "first", {"steps=1", kNoLearning, "precision=f64"});
  EXPECT_NEAR(loss("double"), loss("first"), 1e-6);
  train("single", "double", {"steps=1", kNoLearning});
  EXPECT_NEAR(loss("single"), loss("first"), 1e-6);
}

// A run is whole without the model that it began from.
TEST_F(FirstModel, IsNotNeededToResume) {
  train("first", "", small_);
  const std::vector<std::string> overrides{"steps=20", "lr=0.01"};
  train("whole", "first", overrides);
  Witness witness(7);
  const TrainResult part = run_from("first", overrides)->train(scratch_ / "parts", false, witness.context());
  ASSERT_EQ(part.end, TrainEnd::kStopped);
  std::filesystem::remove_all(scratch_ / "first");
  recur::Run::open(scratch_ / "parts")->resume();
  EXPECT_EQ(contents_of(scratch_ / "parts/last.ckpt"), contents_of(scratch_ / "whole/last.ckpt"));
  EXPECT_EQ(read_bytes(scratch_ / "parts/model.recur"), read_bytes(scratch_ / "whole/model.recur"));
}

}  // namespace
}  // namespace recur
