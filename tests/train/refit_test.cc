// Once validation has chosen how long a model is to learn, a new one learns as long, and from what was held out as
// well.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "recur/io/tensor_views.h"
#include "recur/tasks/task.h"
#include "tests/support/logged.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

class StopsInTheRefit : public Witness {
 public:
  void on_message(std::string_view text) override { stop = stop || text.starts_with("refit"); }
};

class RefitTest : public ::testing::Test {
 protected:
  RefitTest() {
    Random random(1);
    std::string rows = "y\n";
    for (int t = 0; t < 60; ++t) rows += fmt::format("{:.3f}\n", 5 + std::sin(t * 0.785) + 0.2 * random.normal());
    scratch_.put("wave.csv", rows);
  }

  std::unique_ptr<recur::Run> run(const std::vector<std::string>& overrides = {}) {
    auto out = std::make_unique<recur::Run>("forecast");
    out->config().apply_override("data=" + (scratch_ / "wave.csv").string());
    for (const char* each : {"valid=0.2", "horizon=4", "season=8", "context=8", "hidden=8", "members=2", "batch=8",
                             "lr=0.01", "base=none"}) {
      out->config().apply_override(each);
    }
    for (const std::string& each : overrides) out->config().apply_override(each);
    return out;
  }

  std::map<std::string, std::string> parameters(const char* folder) {
    std::map<std::string, std::string> out;
    for (const NamedTensor& each : load_trained(scratch_ / folder)->module().state()) {
      const TensorView view = view_of(each.name, each.value);
      out[each.name] = {reinterpret_cast<const char*>(view.data.data()), view.data.size()};
    }
    return out;
  }

  Scratch scratch_;
};

TEST_F(RefitTest, IsARunOfAllDataOfAsManyStepsWhoseRateFallsToThatOfTheChosenOne) {
  Witness witness;
  const TrainResult result = run()->train(scratch_ / "run", false, witness.context());
  EXPECT_THAT(result.message, HasSubstr(fmt::format("; refit in {} steps", result.best_step)));
  EXPECT_EQ(result.refit_steps, result.best_step);
  const double factor = witness.steps.at(static_cast<size_t>(result.best_step - 1)).rate / 0.01;
  run({"valid=none", fmt::format("steps={}", result.best_step), fmt::format("lr_floor={}", factor)})
      ->train(scratch_ / "all");
  EXPECT_EQ(parameters("run"), parameters("all"));

  run({"refit=no"})->train(scratch_ / "chosen");
  EXPECT_NE(parameters("run"), parameters("chosen"));
  Assets facts = read_model_facts(scratch_ / "run");
  EXPECT_EQ(facts["refit_steps"], std::to_string(result.best_step));
  facts.erase("refit_steps");
  EXPECT_EQ(facts, read_model_facts(scratch_ / "chosen"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "run/refit"));
}

TEST_F(RefitTest, OfABudgetThatIsSetOnlyWhereItIsAskedFor) {
  EXPECT_THAT(run({"epochs=2"})->train(scratch_ / "a").message, Not(HasSubstr("refit")));
  EXPECT_THAT(run({"epochs=2", "refit=yes"})->train(scratch_ / "b").message, HasSubstr("refit"));
}

TEST_F(RefitTest, NotOfAModelThatIsBestBeforeItsFirstStep) {
  Witness witness;
  const TrainResult result = run({"base=theta", "lr=1e-20"})->train(scratch_ / "a", false, witness.context());
  EXPECT_EQ(witness.validated_at.at(0), 0);
  EXPECT_EQ(result.best_step, 0);
  EXPECT_THAT(result.message, Not(HasSubstr("refit")));
  EXPECT_THAT(result.message, HasSubstr("no step was better than the model before the first one"));
  EXPECT_EQ(read_model_facts(scratch_ / "a")["step"], "0");
}

TEST_F(RefitTest, ManyWindowsAreNotLearntTwice) {
  EXPECT_THAT(run({"batch=1"})->train(scratch_ / "a").message, Not(HasSubstr("refit")));
}

TEST_F(RefitTest, BeginsAgainWhereItWasStopped) {
  run()->train(scratch_ / "whole");
  run({"refit=no"})->train(scratch_ / "chosen");
  StopsInTheRefit stops;
  const TrainResult stopped = run()->train(scratch_ / "run", false, stops.context());
  EXPECT_EQ(stopped.end, TrainEnd::kStopped);
  EXPECT_THAT(stopped.message, HasSubstr("stopped in the refit"));
  EXPECT_EQ(parameters("run"), parameters("chosen"));
  const TrainResult resumed = recur::Run::open(scratch_ / "run")->resume();
  EXPECT_NE(resumed.end, TrainEnd::kStopped);
  EXPECT_EQ(parameters("run"), parameters("whole"));
  EXPECT_EQ(read_model_facts(scratch_ / "run"), read_model_facts(scratch_ / "whole"));
  Witness again;
  EXPECT_EQ(recur::Run::open(scratch_ / "run")->resume(again.context()).refit_steps, resumed.refit_steps);
  EXPECT_TRUE(again.steps.empty());  // nothing is left to be done
}

TEST_F(RefitTest, LeavesNoFolderBehindItself) {
  std::filesystem::create_directories(scratch_ / "run/refit");
  write_bytes(scratch_ / "run/refit/last.ckpt", "of a run that was killed");
  run({"refit=no"})->train(scratch_ / "run", true);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "run/refit"));
}

// What is held out where nobody says.
TEST_F(RefitTest, IsThatOfATenthByDefault) {
  const auto trained = [&](const char* folder, const std::vector<std::string>& overrides) {
    auto own = run(overrides);
    const TrainResult result = own->train(scratch_ / folder);
    return fmt::format("{} valid={}", result.best ? "best" : "last", own->settings().valid);
  };
  EXPECT_EQ(trained("tenth", {"valid=", "epochs=1"}), "best valid=0.1");
  EXPECT_EQ(trained("none", {"valid=none", "epochs=1"}), "last valid=none");
  EXPECT_EQ(trained("short", {"valid=", "horizon=40", "epochs=1"}), "last valid=");
  EXPECT_ERROR(trained("asked", {"horizon=40", "epochs=1"}), "valid: no series is long enough for a validation window");
  auto again = recur::Run::open(scratch_ / "short");
  again->config().apply_override("epochs=2");
  EXPECT_FALSE(again->resume().best);
}

TEST_F(RefitTest, SaysWhereItHasNoEffectAndWhatAModelHasSeen) {
  const auto warned = [&](const char* folder, const std::vector<std::string>& overrides) {
    const Logged log;
    run(overrides)->train(scratch_ / folder);
    return fmt::format("{}", fmt::join(log.warnings, "\n"));
  };
  EXPECT_THAT(warned("a", {"valid=none", "steps=2", "refit=yes"}), HasSubstr("refit: has no effect, as no fraction"));
  EXPECT_THAT(warned("b", {"optimizer=asgd", "refit=yes"}), HasSubstr("refit: has no effect, as validation says"));
  EXPECT_EQ(warned("c", {}), "");
  const std::string model = "from_model=" + (scratch_ / "c").string();
  EXPECT_THAT(warned("d", {model, "epochs=1"}), HasSubstr("this model has learnt from what was held out"));
}

}  // namespace
}  // namespace recur
