// A run that was stopped and resumed is the run that was never stopped, to the bit.
#include <gtest/gtest.h>

#include "recur/base/json.h"
#include "tests/support/throws.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;

struct Setting {
  const char* name;
  std::vector<std::string> overrides;
  std::vector<int64_t> stops;
};

class Resume : public ::testing::TestWithParam<Setting> {
 protected:
  Scratch scratch_;
};

TEST_P(Resume, ReachesTheSameBits) {
  write_bytes(scratch_ / "text.txt", small_text(120));
  Witness calm;
  const TrainResult whole =
      small_run(scratch_ / "text.txt", GetParam().overrides)->train(scratch_ / "whole", false, calm.context());
  ASSERT_EQ(whole.end, TrainEnd::kFinished);

  TrainResult part;
  std::vector<Evaluation> validations;
  for (size_t i = 0; i <= GetParam().stops.size(); ++i) {
    Witness witness(i < GetParam().stops.size() ? GetParam().stops[i] : -1);
    part = i == 0 ? small_run(scratch_ / "text.txt", GetParam().overrides)
                        ->train(scratch_ / "parts", false, witness.context())
                  : recur::Run::open(scratch_ / "parts")->resume(witness.context());
    validations.insert(validations.end(), witness.validations.begin(), witness.validations.end());
    ASSERT_EQ(part.end, i < GetParam().stops.size() ? TrainEnd::kStopped : TrainEnd::kFinished);
  }
  EXPECT_EQ(part.step, whole.step);
  EXPECT_EQ(part.best_step, whole.best_step);
  EXPECT_EQ(contents_of(scratch_ / "parts/last.ckpt"), contents_of(scratch_ / "whole/last.ckpt"));
  EXPECT_EQ(rows_of(scratch_ / "parts/metrics.jsonl"), rows_of(scratch_ / "whole/metrics.jsonl"));
  EXPECT_EQ(read_bytes(scratch_ / "parts/model.recur"), read_bytes(scratch_ / "whole/model.recur"));
  ASSERT_EQ(validations.size(), calm.validations.size());
  for (size_t i = 0; i < validations.size(); ++i) {
    EXPECT_EQ(validations[i].at("loss"), calm.validations[i].at("loss")) << "validation " << i;
  }
}

// An epoch of the text has about 60 steps.
INSTANTIATE_TEST_SUITE_P(
    All, Resume,
    ::testing::Values(
        Setting{"AdamWithDropout", {"epochs=2", "dropout=0.3", "recurrent_dropout=0.2"}, {25, 26, 70}},
        Setting{"WordsRandomWindowsMomentum",
                {"tokens=words", "random_bptt=true", "optimizer=sgd", "momentum=0.9", "lr=0.1", "epochs=3"},
                {5}},
        Setting{"AveragingTriggeredBefore",
                {"optimizer=asgd", "lr=2", "steps=60", "validate_every=3", "average_interval=1"},
                {7, 31, 50}},
        Setting{"PlateauGru",
                {"cell=gru", "layers=2", "schedule=plateau", "plateau_patience=0", "validate_every=4", "lr=0.5",
                 "steps=40"},
                {10, 21}},
        Setting{"CosineWarmupRmsprop",
                {"optimizer=rmsprop", "schedule=cosine", "warmup=5", "steps=40", "zoneout=0.1", "trace_gradients=7"},
                {3, 15}},
        Setting{"Sparse", {"hidden=24", "sparsity=0.8", "sparse_end=0.8", "validate_every=5", "steps=40"}, {9, 27, 37}},
        Setting{"SparseAverages",
                {"hidden=24", "optimizer=asgd", "lr=2", "average_interval=0", "sparsity=0.5", "sparse_block=4x16",
                 "steps=30"},
                {11}},
        Setting{"HalfProducts", {"precision=bf16", "hidden=17", "steps=20"}, {9}},
        Setting{"DoublePrecisionTied", {"precision=f64", "tie=true", "weight_drop=0.3", "steps=20"}, {9}},
        Setting{"WithoutValidation", {"valid=", "steps=30", "optimizer=adagrad"}, {11}}),
    [](const auto& info) { return info.param.name; });

// A run that version 0.1.0 has left half-way goes on, and ends where that version's own went (golden/v0.1).
TEST(ResumeOfV01, GoesOnToTheSameModel) {
  const Scratch scratch;
  const auto golden = std::filesystem::path(RECUR_TEST_DATA) / "golden/v0.1";
  std::filesystem::copy(golden / "half_way", scratch / "run");
  const auto run = recur::Run::open(scratch / "run");
  run->config().apply_override("data=" + (golden / "data/lm.txt").string());
  run->config().apply_override("steps=80");
  EXPECT_EQ(run->resume().step, 80);
  const double loss = load_trained(scratch / "run")->evaluate({golden / "data/lm.txt"}).at("loss");
  const Json want = parse_json(read_bytes(golden / "expected/resumed.json"), 5).value();
  EXPECT_NEAR(loss, want.at("loss").get<double>(), 1e-4);
}

class ResumeErrors : public ::testing::Test {
 protected:
  ResumeErrors() { write_bytes(scratch_ / "text.txt", small_text(60)); }
  void stop_early() {
    Witness witness(5);
    small_run(scratch_ / "text.txt", {"steps=20"})->train(scratch_ / "run", false, witness.context());
  }
  Scratch scratch_;
};

TEST_F(ResumeErrors, AChangedTextIsNoticed) {
  stop_early();
  write_bytes(scratch_ / "text.txt", small_text(70));
  EXPECT_ERROR(recur::Run::open(scratch_ / "run")->resume(), "training text has changed");
}

TEST_F(ResumeErrors, AChangedModelIsNoticed) {
  stop_early();
  const auto run = recur::Run::open(scratch_ / "run");
  run->config().apply_override("hidden=13");
  EXPECT_ERROR(run->resume(), "expected shape");
}

TEST_F(ResumeErrors, AFolderThatIsNoRunIsNamed) {
  EXPECT_ERROR(recur::Run::open(scratch_ / "nowhere"), "nowhere: no such folder");
  EXPECT_ERROR(recur::Run::open(scratch_.folder()), "expected the folder of a run");
}

TEST_F(ResumeErrors, ADamagedCheckpointIsNotTaken) {
  stop_early();
  const std::string bytes = read_bytes(scratch_ / "run/last.ckpt");
  write_bytes(scratch_ / "run/last.ckpt", bytes.substr(0, bytes.size() - 3));
  EXPECT_ERROR(recur::Run::open(scratch_ / "run"), "last.ckpt");
}

TEST_F(ResumeErrors, AFinishedRunGoesOnWhenItsBudgetGrows) {
  const TrainResult first = small_run(scratch_ / "text.txt", {"steps=10"})->train(scratch_ / "run");
  EXPECT_EQ(recur::Run::open(scratch_ / "run")->resume().step, first.step);  // nothing is left to do
  const auto run = recur::Run::open(scratch_ / "run");
  run->config().apply_override("steps=15");
  EXPECT_EQ(run->resume().step, 15);
  EXPECT_EQ(recur::Run::open(scratch_ / "run")->config().find("steps")->value_text(), "15");
}

}  // namespace
}  // namespace recur
