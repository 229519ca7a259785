#include "recur/tasks/forecast/windows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "tests/support/scratch.h"
#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;

Panel three_series() { return panel_of({"1, 2, 3, 4, 5, 6", "null, 20, 30, 40", "7"}, data_options(2, 4)); }

std::vector<int64_t> ends(const Panel& panel) {
  std::vector<int64_t> out;
  for (const PanelSeries& s : panel.series) out.push_back(std::ssize(s.values));
  return out;
}

TEST(RollingWindows, EndWithTheirSeries) {
  EXPECT_EQ(rolling_windows(three_series(), {.horizon = 2, .count = 1, .stride = 2}),
            (std::vector<ForecastWindow>{{0, 4}, {1, 2}}));
}

TEST(RollingWindows, GoBackByStridesAsFarAsAPastIsKnown) {
  EXPECT_EQ(rolling_windows(three_series(), {.horizon = 2, .count = 9, .stride = 1}),
            (std::vector<ForecastWindow>{{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2}}));
  EXPECT_EQ(rolling_windows(three_series(), {.horizon = 2, .count = 2, .stride = 2}),
            (std::vector<ForecastWindow>{{0, 2}, {0, 4}, {1, 2}}));
}

TEST(ActualValues, BehindTheEndAreMissing) {
  const std::vector<float> actual = actual_values(three_series(), {.series = 0, .origin = 5}, 2);
  EXPECT_EQ(actual[0], 6);
  EXPECT_TRUE(std::isnan(actual[1]));
}

TEST(WindowSampler, DrawsEveryWindowThatFitsAndNoOther) {
  const Panel data = three_series();
  WindowSampler sampler(data, ends(data), {.horizon = 2, .least_past = 1}, {});
  EXPECT_EQ(sampler.size(), 5);
  EXPECT_EQ(sampler.series_left_out(), 1);
  std::set<std::pair<int64_t, int64_t>> seen;
  for (const ForecastWindow& w : sampler.next(300)) seen.insert({w.series, w.origin});
  EXPECT_EQ(seen, (std::set<std::pair<int64_t, int64_t>>{{0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2}}));
  EXPECT_NEAR(sampler.epoch(), 300 / 5.0, 1e-9);
  // Each of three networks takes every window once in a pass.
  WindowSampler three(data, ends(data), {.horizon = 2, .least_past = 1, .members = 3}, {});
  three.next(30);
  EXPECT_NEAR(three.epoch(), 2, 1e-9);
}

TEST(WindowSampler, WantsALongPastWhereThereIsOne) {
  const Panel data = three_series();
  WindowSampler sampler(data, ends(data), {.horizon = 2, .least_past = 4}, {});
  EXPECT_EQ(sampler.size(), 2);
}

TEST(WindowSampler, DrawsSeriesByTheirSize) {
  const Panel data = three_series();
  std::map<std::string, double> share;
  for (const std::string by : {"windows", "series", "scale"}) {
    WindowSampler sampler(data, ends(data), {.horizon = 2, .least_past = 1, .by = by}, {});
    for (const ForecastWindow& w : sampler.next(4000)) share[by] += w.series == 1 ? 1 / 4000.0 : 0;
  }
  EXPECT_NEAR(share["windows"], 1 / 5.0, 0.03);
  EXPECT_NEAR(share["series"], 1 / 2.0, 0.03);
  EXPECT_NEAR(share["scale"], 31 / 35.5, 0.03);  // 1 + the mean of 20, 30, 40, against 1 + 3.5
}

TEST(WindowSampler, GoesOnWhereItWasSaved) {
  const Panel data = three_series();
  const WindowSampling how{.horizon = 2};
  WindowSampler first(data, ends(data), how, {});
  first.next(7);
  const Scratch scratch;
  StateWriter writer;
  first.save(writer);
  writer.save(scratch / "state");
  WindowSampler second(data, ends(data), how, {});
  second.load(StateReader::open(scratch / "state"));
  EXPECT_EQ(first.next(5), second.next(5));
  EXPECT_EQ(first.epoch(), second.epoch());
  WindowSampler other(data, ends(data), {.horizon = 3}, {});
  EXPECT_THROW(other.load(StateReader::open(scratch / "state")), Error);
}

TEST(WindowSampler, RefusesDataWithoutAWindow) {
  const Panel data = three_series();
  EXPECT_THROW(WindowSampler(data, ends(data), {.horizon = 6}, {}), Error);
}

}  // namespace
}  // namespace recur
