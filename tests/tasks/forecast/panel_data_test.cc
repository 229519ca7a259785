#include "recur/tasks/forecast/panel_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "recur/tasks/forecast/window_batch.h"
#include "recur/tasks/forecast/window_reader.h"
#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;

// Two sequences of two targets with gaps, and a covariate of each role; of the first a row is missing.
SequenceSet table_of_two() {
  std::string text = "id,time,y,z,past,ahead\n";
  for (int s = 0; s < 2; ++s) {
    for (int t = 0; t < 20 + 7 * s; ++t) {
      if (s == 0 && t == 5) continue;
      text += fmt::format("s{},2020-01-{:02},{},{},{},{}\n", s, t + 1, t % 6 == 0 ? "" : fmt::format("{}", t + 100 * s),
                          t == 0 ? "" : "1", t * t, t % 3);
    }
  }
  SequenceOptions how;
  how.columns = {.layout = Layout::kLong, .id = "id", .time = "time", .values = {"y", "z"}, .past = {"past"}};
  how.columns.future = {"ahead"};
  return sequences_of("a.csv", text, how);
}

PanelData on_disk(const PanelEncoder& encoder, const SequenceSet& set) {
  ::setenv("RECUR_DATA_MEMORY", "10", 1);
  PanelData data = encoder.encode_data(set);
  ::unsetenv("RECUR_DATA_MEMORY");
  return data;
}

class PanelDataTest : public ::testing::Test {
 protected:
  PanelDataTest() {
    fill_time_gaps(set_);
    ForecastDataOptions options = data_options(3, 4);
    options.scaler = "standard";
    encoder_.emplace(PanelEncoder::fit(set_, whole(set_), options));
    memory_ = encoder_->encode(set_);
    disk_.emplace(on_disk(*encoder_, set_));
  }

  SequenceSet set_ = table_of_two();
  std::optional<PanelEncoder> encoder_;
  Panel memory_;
  std::optional<PanelData> disk_;
};

TEST_F(PanelDataTest, OnDiskHasTheSameValuesAndTimes) {
  EXPECT_FALSE(disk_->in_memory());
  EXPECT_TRUE(PanelData(memory_).in_memory());
  ASSERT_EQ(disk_->panel().series.size(), 4u);
  for (int64_t i = 0; i < 4; ++i) {
    const PanelSeries &a = memory_.series[i], &b = disk_->panel().series[i];
    EXPECT_EQ(a.steps, b.steps);
    EXPECT_EQ(a.first, b.first);
    EXPECT_EQ(a.first, i % 2 == 0 ? 1 : 1);
    EXPECT_EQ(memory_.name(a), disk_->panel().name(b));
    std::vector<float> room;
    const auto values = disk_->values(i, 2, a.steps, room);
    for (int64_t t = 2; t < a.steps; ++t) {
      EXPECT_TRUE(a.value(t) == values[t - 2] || (std::isnan(a.value(t)) && std::isnan(values[t - 2]))) << t;
    }
    EXPECT_EQ(disk_->time(a.group, 3), memory_.groups[a.group].times[3]);
  }
}

TEST_F(PanelDataTest, WindowsThatWereCutOutAreAsInTheWhole) {
  const std::vector<ForecastWindow> windows{{0, 2}, {3, 12}, {1, 20}, {2, 27}};
  const PanelWindows cut = disk_->load(windows, 5, 3);
  ASSERT_EQ(cut.windows.size(), 4u);
  std::vector<float> a(16), b(16);
  for (size_t k = 0; k < windows.size(); ++k) {
    const ForecastWindow &whole_one = windows[k], &own = cut.windows[k];
    const PanelSeries &s = memory_.series[whole_one.series], &c = cut.panel->series[own.series];
    EXPECT_EQ(own.origin, whole_one.origin);
    EXPECT_EQ(memory_.name(s), cut.panel->name(c));
    EXPECT_EQ(s.scale, c.scale);
    for (int64_t t = whole_one.origin - 5; t < whole_one.origin + 3; ++t) {
      EXPECT_TRUE(s.value(t) == c.value(t) || (std::isnan(s.value(t)) && std::isnan(c.value(t)))) << k << ' ' << t;
      std::ranges::fill(a, 0.0f);
      std::ranges::fill(b, 0.0f);
      write_past(memory_, whole_one, t, a.data());
      write_past(*cut.panel, own, t, b.data());
      EXPECT_EQ(a, b) << k << ' ' << t;
      if (t >= memory_.group_of(s).rows) continue;
      write_ahead(memory_, whole_one, t, a.data());
      write_ahead(*cut.panel, own, t, b.data());
      EXPECT_EQ(a, b) << k << ' ' << t;
    }
  }
  EXPECT_EQ(&*PanelData(memory_).load(windows, 5, 3).panel, &memory_);
}

TEST(PanelDataOnDisk, APastWithoutAValueReachesBackToTheLastOne) {
  std::string row = "3, 40, 5, 60";
  for (int t = 4; t < 30; ++t) row += ", null";
  const SequenceSet set = sequences_of("a.jsonl", "{\"values\": [" + row + ", 7]}\n");
  const PanelEncoder encoder = PanelEncoder::fit(set, whole(set), data_options(1, 4));
  const Panel memory = encoder.encode(set);
  const PanelData disk = on_disk(encoder, set);
  const ScaleRule rule{.scaler = "mean", .center = "mean", .context = 4};
  for (int64_t origin = 9; origin < 29; ++origin) {  // wherever the last value is in what is read at a time
    const ForecastWindow window{0, origin};
    const PanelWindows cut = disk.load(std::span(&window, 1), 5, 1);
    EXPECT_EQ(last_known(cut.panel->series[0], origin), 3);
    EXPECT_EQ(scaled_past(*cut.panel, cut.windows[0], {}, origin - 2).values, (std::vector<float>{60, 60}));
    EXPECT_EQ(window_scale(*cut.panel, cut.windows[0], rule).map, window_scale(memory, window, rule).map) << origin;
  }
}

TEST_F(PanelDataTest, OfASeriesThatTrainingDidNotKnowTheScaleIsThatOfItsWholePast) {
  SequenceSet other = set_;
  for (Sequence& s : other.sequences) s.id += "x";
  const Panel memory = encoder_->encode(other);
  const PanelData disk = on_disk(*encoder_, other);
  const ScaleRule rule{.scaler = "standard", .center = "standard", .context = 2};
  const ForecastWindow window{0, 15};
  const PanelWindows cut = disk.load(std::span(&window, 1), 3, 3);
  EXPECT_EQ(window_scale(memory, window, rule).map, window_scale(*cut.panel, cut.windows[0], rule).map);
}

TEST_F(PanelDataTest, AReaderGivesTheSameWindowsHoweverFarItReadsAhead) {
  std::vector<int64_t> ends;
  for (const PanelSeries& s : memory_.series) ends.push_back(s.steps);
  const auto drawn = [&](const PanelData& data, int read_ahead) {
    WindowReader reader(data, WindowSampler(data, ends, {.horizon = 3}, {}),
                        {.batch = 4, .members = 2, .reach = 5, .horizon = 3, .read_ahead = read_ahead});
    std::vector<float> values;
    for (int k = 0; k < 9; ++k) {
      const PanelWindows windows = reader.next();
      EXPECT_EQ(windows.windows.size(), 8u);
      for (const ForecastWindow& each : windows.windows) {
        values.push_back(static_cast<float>(each.origin));
        for (const float y : actual_values(*windows.panel, each, 3)) values.push_back(std::isnan(y) ? -1 : y);
      }
    }
    EXPECT_EQ(reader.sampler().epoch(), 72.0 / static_cast<double>(reader.sampler().a_pass()));
    return values;
  };
  const std::vector<float> memory = drawn(memory_, 4);
  EXPECT_EQ(drawn(*disk_, 0), memory);
  EXPECT_EQ(drawn(*disk_, 1), memory);
  EXPECT_EQ(drawn(*disk_, 4), memory);
}

void expect_same_sequences(const SequenceSet& a, const SequenceSet& b) {
  ASSERT_EQ(a.size(), b.size());
  EXPECT_EQ(a.notes, b.notes);
  for (int64_t i = 0; i < a.size(); ++i) {
    const auto one = a.load(i), other = b.load(i);
    EXPECT_EQ(one->times, other->times);
    ASSERT_EQ(one->values.size(), other->values.size());
    for (size_t k = 0; k < one->values.size(); ++k) {
      EXPECT_TRUE(one->values[k] == other->values[k] || (std::isnan(one->values[k]) && std::isnan(other->values[k])));
    }
    EXPECT_EQ(known_rows(a, a.sequences[i]), known_rows(b, b.sequences[i]));
  }
}

TEST(FillTimeGaps, OnDiskPutsInWhatItDoesInMemory) {
  SequenceSet memory = table_of_two(), disk = table_of_two();
  disk.move_to_disk();
  fill_time_gaps(memory);
  fill_time_gaps(disk);
  EXPECT_FALSE(disk.in_memory());
  expect_same_sequences(memory, disk);
}

TEST(JoinHistory, OnDiskGoesOnWithTheSeriesOfTheSameId) {
  const auto history = [] { return sequences_of("h.csv", "id,time,y\na,1,1\na,2,2\nb,1,5\nb,2,6\n"); };
  const auto more = [] { return sequences_of("d.csv", "id,time,y\nb,3,7\nb,4,8\nc,1,9\nc,2,9\n"); };
  const SequenceSet memory = join_history(history(), more());
  for (const bool history_on_disk : {true, false}) {
    SequenceSet before = history(), after = more();
    (history_on_disk ? before : after).move_to_disk();
    expect_same_sequences(memory, join_history(std::move(before), std::move(after)));
  }
}

}  // namespace
}  // namespace recur
