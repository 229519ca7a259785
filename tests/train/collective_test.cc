// Several ranks train what one process would.
#include "recur/train/collective.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"
#include "tests/train/small_run.h"
#include "tests/train/thread_group.h"

namespace recur {
namespace {

using namespace testing;

class Ranks : public ::testing::Test {
 protected:
  Ranks() { write_bytes(scratch_ / "text.txt", small_text(120)); }

  // A folder for each rank, so that it shows which of them wrote.
  std::filesystem::path folder(int rank) const { return scratch_ / fmt::format("rank{}", rank); }

  std::vector<TrainResult> train(int ranks, const std::vector<std::string>& overrides,
                                 std::vector<Witness>& witnesses) const {
    std::vector<TrainResult> results(static_cast<size_t>(ranks));
    ThreadGroup(ranks).run([&](Collective& collective) {
      const int rank = collective.shard().rank;
      Trainer::Context context = witnesses[static_cast<size_t>(rank)].context();
      context.collective = &collective;
      results[static_cast<size_t>(rank)] =
          small_run(scratch_ / "text.txt", overrides)->train(folder(rank), false, context);
    });
    return results;
  }
  std::vector<TrainResult> train(int ranks, const std::vector<std::string>& overrides) const {
    std::vector<Witness> witnesses(static_cast<size_t>(ranks));
    return train(ranks, overrides, witnesses);
  }

  Scratch scratch_;
};

// How far apart two models are, relative to the size of the second's parameters.
double distance(const std::filesystem::path& one, const std::filesystem::path& other) {
  const auto a = load_trained(one), b = load_trained(other);
  const Tensors left = a->module().parameters(), right = b->module().parameters();
  double squares = 0, size = 0;
  for (size_t i = 0; i < left.size(); ++i) {
    const auto x = left[i].values<float>(), y = right[i].values<float>();
    for (size_t k = 0; k < x.size(); ++k) {
      squares += std::pow(double{x[k]} - double{y[k]}, 2);
      size += std::pow(double{y[k]}, 2);
    }
  }
  return std::sqrt(squares / size);
}

TEST_F(Ranks, LearnTogetherWhatOneProcessWould) {
  const std::vector<std::string> options{"steps=20", "batch=5", "validate_every=10"};
  small_run(scratch_ / "text.txt", options)->train(scratch_ / "alone");
  small_run(scratch_ / "text.txt", {"steps=1", "batch=5"})->train(scratch_ / "begun");
  const auto results = train(2, options);
  EXPECT_EQ(results[0].step, 20);
  EXPECT_EQ(results[1].step, 20);
  EXPECT_LT(distance(folder(0), scratch_ / "alone"), 1e-4);
  EXPECT_GT(distance(folder(0), scratch_ / "begun"), 1e-2);  // as it was at first
  EXPECT_EQ(results[0].best->at("loss"), results[1].best->at("loss"));
}

TEST_F(Ranks, TheFirstAloneKeepsTheFolder) {
  train(2, {"steps=4", "trace_gradients=2", "checkpoint_every=0s"});
  for (const char* name : {"config.toml", "last.ckpt", "model.recur", "metrics.jsonl", "gradients.jsonl"}) {
    EXPECT_TRUE(std::filesystem::exists(folder(0) / name)) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(folder(1)));
}

TEST_F(Ranks, StopTogetherWhenTheFirstIsAsked) {
  std::vector<Witness> witnesses(2);
  witnesses[0].stop_at(5);
  for (const TrainResult& each : train(2, {"steps=100"}, witnesses)) {
    EXPECT_EQ(each.end, TrainEnd::kStopped);
    EXPECT_EQ(each.step, 5);
  }
}

TEST_F(Ranks, EndTogetherWhereTimeIsTheBudget) {
  const auto results = train(2, {"time=150ms"});
  EXPECT_EQ(results[0].step, results[1].step);
  EXPECT_EQ(results[0].end, TrainEnd::kFinished);
}

TEST_F(Ranks, DecideAlikeWhenToStopEarly) {
  const auto results = train(2, {"steps=100000", "validate_every=2", "patience=2", "lr=0.5", "clip=0"});
  for (const TrainResult& each : results) {
    EXPECT_EQ(each.end, TrainEnd::kEarly);
    EXPECT_EQ(each.step, results[0].step);
  }
}

TEST_F(Ranks, AllEndWithALossThatIsNoNumber) {
  struct Poison : Witness {
    void on_begin(const Training& training) override { parameter = training.trained().module().parameters()[1]; }
    void on_step(const StepReport& report) override {
      if (report.step == 3) parameter.data<float>()[3] = std::nanf("");
    }
    Tensor parameter;
  } poison;
  int failed = 0;
  std::mutex mutex;
  ThreadGroup(2).run([&](Collective& collective) {
    const bool first = collective.shard().rank == 0;
    Trainer::Context context;
    if (first) context = poison.context();
    context.collective = &collective;
    const std::string message = message_of(
        [&] { small_run(scratch_ / "text.txt", {"steps=50"})->train(folder(first ? 0 : 1), false, context); });
    const std::scoped_lock lock(mutex);
    failed += message.find("step 4: the") == 0 ? 1 : 0;
  });
  EXPECT_EQ(failed, 2);
}

TEST(Collective, OfAProcessAloneChangesNothing) {
  Collective alone;
  Tensor parameter = Tensor::ones({2});
  parameter.set_requires_grad();
  parameter.set_grad(Tensor::full({2}, 3));
  alone.reduce({parameter}, 7);
  EXPECT_EQ(parameter.grad().values<float>()[1], 3);
  EXPECT_EQ(alone.of_first(0.25), 0.25);
  EXPECT_EQ(alone.shard(), (Shard{.rank = 0, .ranks = 1}));
}

}  // namespace
}  // namespace recur
