#include "recur/tasks/forecast/forecast_defaults.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "recur/base/error.h"
#include "tests/data/sequences_of.h"

namespace recur {
namespace {

SequenceSet hourly(int steps = 30) {
  std::string text = "date,y\n";
  for (int t = 0; t < steps; ++t) text += fmt::format("2020-01-{:02d} {:02d}:00,{}\n", 1 + t / 24, t % 24, t + 1);
  return sequences_of("h.csv", text);
}

SequenceSet plain() { return sequences_of("p.csv", "x,y\n5,1\n3,2\n4,4\n1,3\n"); }

TEST(ForecastDefaults, FollowHowOftenValuesCome) {
  ForecastOptions options;
  choose_forecast_defaults(options, hourly());
  EXPECT_EQ(options.data.season, 24);
  EXPECT_EQ(options.data.horizon, 48);
  EXPECT_EQ(options.data.context, 96);
  EXPECT_EQ(options.model.segment, 24);
  EXPECT_EQ(options.data.center, "last");
  EXPECT_EQ(options.data.identity, "none");
  EXPECT_EQ(options.model.head, "quantiles");
  EXPECT_EQ(options.model.lags, (std::vector<int64_t>{1, 2, 3, 23, 24, 25, 47, 48, 49, 167, 168, 169}));
  EXPECT_NO_THROW(check_forecast_options(options));
}

TEST(ForecastDefaults, ReadAWeekWhereASeasonIsADay) {
  ForecastOptions options;
  choose_forecast_defaults(options, hourly(400));
  EXPECT_EQ(options.data.context, 7 * 24);
}

TEST(ForecastDefaults, ReadFourHorizonsOfLongSeriesWithoutASeason) {
  for (const auto& [steps, context] : {std::pair(59, 12), std::pair(60, 24)}) {
    std::string rows = "x\n";
    for (int t = 0; t < steps; ++t) rows += std::to_string(t % 9) + "\n";
    ForecastOptions options;
    options.data.horizon = 6;
    choose_forecast_defaults(options, sequences_of("long.csv", rows));
    EXPECT_EQ(options.data.season, 1);
    EXPECT_EQ(options.data.context, context) << steps;
  }
}

TEST(ForecastDefaults, TellTheChannelsOfOneFileApart) {
  ForecastOptions options;
  choose_forecast_defaults(options, plain());
  EXPECT_EQ(options.data.identity, "channel");
  EXPECT_EQ(options.data.season, 1);
  EXPECT_EQ(options.data.center, "last");
  EXPECT_EQ(options.model.lags, (std::vector<int64_t>{1, 2, 3}));
}

TEST(ForecastDefaults, TakeTheHorizonThatTheFileStates) {
  SequenceSet set = hourly();
  set.stated_horizon = 5;
  ForecastOptions options;
  choose_forecast_defaults(options, set);
  EXPECT_EQ(options.data.horizon, 5);
}

// `count` series of 40 hours each with levels of their own, the values of one of them changed.
SequenceSet panel(int count, double least) {
  std::string rows = "id,time,x\n";
  for (int i = 0; i < count; ++i) {
    for (int t = 0; t < 40; ++t) {
      const double value = i == 3 && t == 5 ? least : 10.0 * (i + 1) + t % 24;
      rows += fmt::format("s{},2020-01-0{} {}:00,{}\n", i, 1 + t / 24, t % 24, value);
    }
  }
  return sequences_of("panel.csv", rows);
}

TEST(ForecastDefaults, ManyPositiveSeriesWithASeasonAreForecastAsLogarithms) {
  const auto chosen = [](const SequenceSet& set, const std::string& center = "auto") {
    ForecastOptions options;
    options.data.horizon = 6;
    options.data.season = 24;
    options.data.center = center;
    choose_forecast_defaults(options, set);
    EXPECT_NO_THROW(check_forecast_options(options));
    return options;
  };
  const ForecastOptions many = chosen(panel(50, 9));
  EXPECT_TRUE(many.data.log);
  EXPECT_EQ(many.data.center, "mean");
  EXPECT_EQ(many.data.scaler, "none");
  EXPECT_EQ(many.model.highway, many.data.context);
  SequenceSet on_disk = panel(50, 9);
  on_disk.move_to_disk();
  EXPECT_TRUE(chosen(on_disk).data.log);
  EXPECT_EQ(chosen(panel(50, 9), "last").model.highway, 0);
  EXPECT_FALSE(chosen(panel(49, 9)).data.log);
  EXPECT_FALSE(chosen(panel(50, 0)).data.log);
  EXPECT_FALSE(chosen(panel(50, 0.01)).data.log);  // next to zero
  EXPECT_FALSE(chosen(panel(50, 9), "last").data.log);
}

TEST(ForecastDefaults, LeaveWhatIsSaid) {
  ForecastOptions options;
  options.data.season = 7;
  options.data.center = "none";
  options.model.segment = 3;
  options.training.least_past = 9;
  choose_forecast_defaults(options, hourly());
  EXPECT_EQ(options.data.season, 7);
  EXPECT_EQ(options.data.center, "none");
  EXPECT_EQ(options.model.segment, 3);
  EXPECT_EQ(options.training.least_past, 9);
}

TEST(ForecastDefaults, OfSampledPathsAreThoseOfDeepAr) {
  ForecastOptions options;
  options.model.decoder = "autoregressive";
  choose_forecast_defaults(options, hourly());
  EXPECT_EQ(options.model.head, "normal");
  EXPECT_EQ(options.data.scaler, "mean");
  EXPECT_EQ(options.data.center, "none");
}

TEST(ForecastDefaults, OfSmoothingKnowEachSeries) {
  ForecastOptions options;
  options.model.decoder = "smoothing";
  choose_forecast_defaults(options, hourly());
  EXPECT_EQ(options.data.identity, "series");
  EXPECT_EQ(options.model.dilations, (std::vector<int64_t>{1, 4, 24}));
  options.data.identity = "none";
  EXPECT_THROW(choose_forecast_defaults(options, hourly()), UsageError);
}

TEST(ForecastDefaults, RefuseWhatDoesNotGoTogether) {
  const auto refused = [](const auto& change) {
    ForecastOptions options;
    change(options);
    EXPECT_THROW(choose_forecast_defaults(options, hourly()), UsageError);
  };
  refused([](ForecastOptions& o) { o.model.rnn.bidirectional = true; });
  refused([](ForecastOptions& o) { o.data.log = true, o.data.scaler = "standard"; });
  refused([](ForecastOptions& o) { o.data.log = true, o.data.center = "standard"; });
  refused([](ForecastOptions& o) { o.model.head = "negative_binomial", o.data.center = "last"; });
  refused([](ForecastOptions& o) { o.model.head = "negative_binomial", o.data.log = true; });
  refused([](ForecastOptions& o) { o.model.decoder = "smoothing", o.model.rnn.layers = 2; });
}

TEST(CheckForecastOptions, RefusesAModelWhoseOptionsAreOpen) {
  EXPECT_THROW(check_forecast_options(ForecastOptions()), Error);
}

// Two values a second: a day of them is 172,800 steps.
SequenceSet fast(int steps) {
  std::string text = "date,y\n";
  for (int t = 0; t < steps; ++t)
    text += fmt::format("2020-01-01 00:{:02d}:{:02d}.{},{}\n", t / 120, t / 2 % 60, t % 2 * 5, t);
  return sequences_of("f.csv", text);
}

TEST(ForecastDefaults, StayWithinTheSeries) {
  ForecastOptions options;
  options.data.horizon = 4;
  choose_forecast_defaults(options, fast(60));
  EXPECT_EQ(options.data.season, 1);
  EXPECT_EQ(options.data.context, 16);
  ForecastOptions said;
  said.data.horizon = 4;
  said.data.season = 500'000;
  choose_forecast_defaults(said, fast(60));
  EXPECT_EQ(said.data.context, 60);
  EXPECT_EQ(said.model.lags.back(), 1'000'001);  // 7 seasons are beyond what the option takes
  ForecastOptions open;
  EXPECT_THROW(choose_forecast_defaults(open, fast(60)), Error);  // two days
}

}  // namespace
}  // namespace recur
