#include "recur/tasks/forecast/panel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/sequences/time_grid.h"

namespace recur {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
constexpr int64_t kMostFilling = 20;  // rows put in for each row there is; more is a grid that was mistaken
constexpr double kRounding = 1e-3;    // of a step

void fill_gaps(Sequence& s, int64_t width, const TimeStep& step) {
  std::vector<double> times;
  std::vector<float> values;
  for (size_t t = 0; t < s.times.size(); ++t) {
    const double start = t == 0 ? s.times[0] : times.back();
    for (int k = 1; t > 0 && advance(start, step, k + 1) <= s.times[t] + kRounding * step.count; ++k) {
      times.push_back(advance(start, step, k));
      values.insert(values.end(), static_cast<size_t>(width), kMissing);
    }
    times.push_back(s.times[t]);
    const auto row = s.values.begin() + static_cast<int64_t>(t) * width;
    values.insert(values.end(), row, row + width);
  }
  s.times = std::move(times);
  s.values = std::move(values);
}

}  // namespace

std::string Panel::name(const PanelSeries& s) const {
  const std::string& id = group_of(s).id;
  if (channels.size() == 1) return id;
  const std::string& channel = channels[static_cast<size_t>(s.channel)];
  return groups.size() == 1 ? channel : id + " " + channel;
}

int64_t known_rows(const SequenceSet& set, const Sequence& sequence) {
  const auto targets = set.channels_of(ChannelRole::kValue);
  for (int64_t t = set.length(sequence); t > 0; --t) {
    const auto row = set.step(sequence, t - 1).first(static_cast<size_t>(targets));
    if (!std::ranges::all_of(row, [](float y) { return std::isnan(y); })) return t;
  }
  return 0;
}

void fill_time_gaps(SequenceSet& set) {
  const TimeGrid grid = find_time_grid(set);
  if (set.time_kind == TimeKind::kNone || grid.regular()) return;
  int64_t rows = 0;
  for (const Sequence& s : set.sequences) rows += set.length(s);
  if (grid.step.unit == TimeUnit::kNone || grid.off > 0 || grid.missing > kMostFilling * rows) {
    set.notes.push_back("times are not evenly spaced: each row is taken as one step");
    return;
  }
  for (Sequence& s : set.sequences) fill_gaps(s, set.width(), grid.step);
  set.notes.push_back(fmt::format("{} missing from evenly spaced times and {} inserted as missing values",
                                  counted(grid.missing, "row is", "rows are"), grid.missing == 1 ? "was" : "were"));
}

SequenceSet join_history(SequenceSet history, SequenceSet more) {
  std::unordered_map<std::string, size_t> place;
  for (size_t i = 0; i < history.sequences.size(); ++i) place.emplace(history.sequences[i].id, i);
  SequenceSet joined = more;
  joined.sequences.clear();
  // Of the same columns: append() checks it, on empty sets.
  SequenceSet check = history;
  check.sequences.clear();
  check.append(SequenceSet(joined));
  for (Sequence& s : more.sequences) {
    if (const auto found = place.find(s.id); found != place.end()) {
      const Sequence& before = history.sequences[found->second];
      if (!s.times.empty() && !before.times.empty() && s.times.front() <= before.times.back()) {
        fail("{}: series {}: expected it to begin after the end of its history", more.where(s), quoted_cell(s.id));
      }
      s.times.insert(s.times.begin(), before.times.begin(), before.times.end());
      s.values.insert(s.values.begin(), before.values.begin(), before.values.end());
      s.step_labels.clear();
    }
    joined.sequences.push_back(std::move(s));
  }
  return joined;
}

}  // namespace recur
