#include "recur/optim/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/golden.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// Holds a schedule against rates that PyTorch's gave, base rate 0.4. Step and epoch both count up by one.
void expect_rates(const std::string& golden, const ScheduleOptions& options) {
  const testing::Golden file("optim_schedule_" + golden);
  const Tensor rates = file["rate"];
  const auto schedule = make_schedule(options);
  for (int64_t n = 0; n < rates.numel(); ++n) {
    EXPECT_NEAR(0.4 * schedule->factor({n, n}), rates.data<double>()[n], 1e-14) << golden << " " << n;
    if (options.name == "plateau") schedule->observe(file["metric"].data<double>()[n]);
  }
}

TEST(Schedule, AgreesWithPyTorch) {
  expect_rates("step", {.name = "step", .decay = 0.5, .interval = 3});
  expect_rates("multistep", {.name = "milestones", .decay = 0.1, .milestones = {2, 5, 6}});
  expect_rates("exponential", {.name = "exponential", .decay = 0.9});
  expect_rates("cosine", {.name = "cosine", .floor = 0.01 / 0.4, .total = 10});
  expect_rates("warmup_cosine", {.name = "cosine", .warmup = 4, .floor = 0.1, .total = 16});
}

TEST(Schedule, PlateauAgreesWithPyTorch) {
  expect_rates("plateau", {.name = "plateau", .patience = 2});
  expect_rates("plateau_cooldown",
               {.name = "plateau", .decay = 0.1, .floor = 0.005 / 0.4, .patience = 1, .threshold = 0, .cooldown = 2});
  expect_rates("plateau_max", {.name = "plateau", .patience = 1, .threshold = 0, .maximize = true});
}

TEST(Schedule, HoldsThenHalvesEachEpoch) {
  const auto schedule = make_schedule({.name = "exponential", .decay = 0.5, .hold = 4});
  for (const int64_t epoch : {0, 1, 2, 3}) EXPECT_EQ(schedule->factor({100, epoch}), 1);
  EXPECT_EQ(schedule->factor({0, 4}), 0.5);
  EXPECT_EQ(schedule->factor({0, 6}), 0.125);
}

TEST(Schedule, LinearReachesItsFloorAndStaysThere) {
  const auto schedule = make_schedule({.name = "linear", .warmup = 2, .floor = 0.2, .total = 6});
  const double expected[] = {0.5, 1, 1, 0.8, 0.6, 0.4, 0.2, 0.2};
  for (int64_t step = 0; step < 8; ++step) EXPECT_DOUBLE_EQ(schedule->factor({step, 0}), expected[step]);
}

TEST(Schedule, WarmsUpToAConstant) {
  const auto schedule = make_schedule({.warmup = 4});
  EXPECT_EQ(schedule->factor({0, 0}), 0.25);
  EXPECT_EQ(schedule->factor({3, 0}), 1);
  EXPECT_EQ(schedule->factor({1000, 9}), 1);
}

TEST(Schedule, APlateauGoesOnFromAStoredState) {
  const ScheduleOptions options{.name = "plateau", .warmup = 1, .patience = 1, .cooldown = 1};
  const auto whole = make_schedule(options), resumed = make_schedule(options);
  const double metrics[] = {3, 3.1, 3.2, 3.3, 3.4, 2, 2.1, 2.2, 2.3, 2.4};
  for (int n = 0; n < 10; ++n) {
    if (n == 4) resumed->load_state(whole->state());
    whole->observe(metrics[n]);
    if (n >= 4) {
      resumed->observe(metrics[n]);
      EXPECT_EQ(resumed->factor({n, 0}), whole->factor({n, 0}));
    }
  }
  EXPECT_LT(whole->factor({10, 0}), 0.5);
  EXPECT_THROW(make_schedule({})->load_state(whole->state()), Error);
  EXPECT_THROW(resumed->load_state({}), Error);
  EXPECT_NO_THROW(make_schedule({})->load_state({}));
}

TEST(Schedule, ANanMetricIsNotAnImprovement) {
  const auto schedule = make_schedule({.name = "plateau", .patience = 0});
  schedule->observe(2);
  schedule->observe(std::nan(""));
  EXPECT_EQ(schedule->factor({}), 0.5);
}

TEST(Schedule, RejectsUnknownNamesAndSenselessValues) {
  const auto error = [](const char* text) { return ThrowsMessage<UsageError>(HasSubstr(text)); };
  EXPECT_THAT([] { make_schedule({.name = "cosin"}); }, error("did you mean 'cosine'"));
  EXPECT_THAT([] { make_schedule({.name = "cosine", .total = -1}); }, error("total"));
  EXPECT_THAT([] { make_schedule({.name = "linear", .warmup = 5, .total = 5}); }, error("total"));
  EXPECT_THAT([] { make_schedule({.decay = 0}); }, error("decay"));
  EXPECT_THAT([] { make_schedule({.floor = 2}); }, error("floor"));
  EXPECT_THAT([] { make_schedule({.interval = 0}); }, error("interval"));
  EXPECT_THAT([] { make_schedule({.warmup = -1}); }, error("warmup"));
}

TEST(Schedule, StaysBetweenItsFloorAndTheFullRate) {
  for (const char* name : {"constant", "step", "milestones", "exponential", "cosine", "linear"})
    for (const int64_t warmup : {0, 1, 7}) {
      const auto schedule = make_schedule({.name = name,
                                           .warmup = warmup,
                                           .decay = 0.7,
                                           .floor = name == std::string("cosine") ? 0.1 : 0,
                                           .total = 50,
                                           .interval = 2,
                                           .milestones = {1, 3}});
      double last = 2;
      for (int64_t step = 0; step < 80; ++step) {
        const double factor = schedule->factor({.step = step, .epoch = step / 10});
        EXPECT_GE(factor, name == std::string("cosine") && step >= warmup ? 0.1 : 0) << name << " at " << step;
        EXPECT_LE(factor, 1) << name << " at " << step;
        if (step > warmup) {
          EXPECT_LE(factor, last) << name << " rises at " << step;
        }
        last = factor;
      }
    }
}

TEST(Schedule, WarmUpMeetsWhatFollows) {
  for (const char* name : {"constant", "cosine", "linear"}) {
    const auto schedule = make_schedule({.name = name, .warmup = 10, .total = 1000});
    EXPECT_NEAR(schedule->factor({.step = 0}), 0.1, 1e-12) << name;
    EXPECT_NEAR(schedule->factor({.step = 9}), 1, 1e-12) << name;
    EXPECT_NEAR(schedule->factor({.step = 10}), 1, 1e-12) << name;
  }
}

TEST(Schedule, WithoutATotalGoesByTheShareOfTraining) {
  const auto by_share = make_schedule({.name = "cosine", .floor = 0.1});
  const auto by_steps = make_schedule({.name = "cosine", .floor = 0.1, .total = 8});
  for (int64_t step = 0; step <= 8; ++step) {
    const double share = static_cast<double>(step) / 8;
    EXPECT_DOUBLE_EQ(by_share->factor({.step = 3 * step, .share = share}), by_steps->factor({.step = step}));
  }
  const auto rising = make_schedule({.name = "linear", .warmup = 4});
  EXPECT_DOUBLE_EQ(rising->factor({.step = 1, .share = 0.25}), 0.5 * 0.75);
  EXPECT_DOUBLE_EQ(rising->factor({.step = 9, .share = 0.25}), 0.75);
}

}  // namespace
}  // namespace recur
