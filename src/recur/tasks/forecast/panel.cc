#include "recur/tasks/forecast/panel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
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

// Puts rows of missing values between those of a sequence, which is given in parts.
class GapFiller {
 public:
  GapFiller(int64_t width, const TimeStep& step) : width_(width), step_(step) {}

  void fill(Sequence& s) {
    std::vector<double> times;
    std::vector<float> values;
    for (size_t t = 0; t < s.times.size(); ++t) {
      for (int k = 1; before_ && advance(*before_, step_, k + 1) <= s.times[t] + kRounding * step_.count; ++k) {
        times.push_back(advance(*before_, step_, k));
        values.insert(values.end(), static_cast<size_t>(width_), kMissing);
      }
      times.push_back(s.times[t]);
      before_ = s.times[t];
      const auto row = s.values.begin() + static_cast<int64_t>(t) * width_;
      values.insert(values.end(), row, row + width_);
    }
    s.times = std::move(times);
    s.values = std::move(values);
  }

 private:
  int64_t width_;
  TimeStep step_;
  std::optional<double> before_;  // the time of the row before
};

// Sequences written anew, a part after the other, to one store.
class StoreWriter {
 public:
  explicit StoreWriter(const SequenceSet& set) {
    const bool times = set.time_kind != TimeKind::kNone;
    store_ = std::make_shared<internal::StepStore>(
        internal::StepLayout{.channels = set.channels.size(), .times = times, .labels = false});
  }

  void begin() { stored_ = {.store = 0, .first = -1, .steps = 0}; }
  void add(Sequence part, int64_t steps) {
    part.step_labels.clear();
    const int64_t first = store_->append(part);
    if (stored_.first < 0) stored_.first = first;
    stored_.steps += steps;
  }
  StoredSteps end() const { return {.store = 0, .first = std::max<int64_t>(stored_.first, 0), .steps = stored_.steps}; }
  void finish(SequenceSet& set) {
    store_->flush();
    set.stores = {store_};
  }

 private:
  std::shared_ptr<internal::StepStore> store_;
  StoredSteps stored_;
};

// Of sequences on disk: what is put in goes there too.
void fill_on_disk(SequenceSet& set, const TimeStep& step) {
  StoreWriter writer(set);
  for (Sequence& s : set.sequences) {
    GapFiller filler(set.width(), step);
    writer.begin();
    for_each_part(set, s, [&](Sequence part, int64_t) {
      filler.fill(part);
      const int64_t steps = set.length(part);
      writer.add(std::move(part), steps);
    });
    s.stored = writer.end();
  }
  writer.finish(set);
}

// Of a sequence with times that has a step.
double time_of_step(const SequenceSet& set, const Sequence& s, int64_t t) {
  return s.stored.store < 0 ? s.times[static_cast<size_t>(t)] : set.load(s, t, t + 1).times[0];
}

}  // namespace

std::string Panel::name(const PanelSeries& s) const {
  const std::string& id = group_of(s).id;
  if (channels.size() == 1) return id;
  const std::string& channel = channels[static_cast<size_t>(s.channel)];
  return one_sequence ? channel : id + " " + channel;
}

Panel Panel::without_series() const {
  Panel out{.groups = {},
            .series = {},
            .channels = channels,
            .horizon = horizon,
            .one_sequence = one_sequence,
            .keeps_scales = keeps_scales,
            .past_features = past_features,
            .ahead_features = ahead_features,
            .static_features = static_features,
            .needs_future = needs_future,
            .time_kind = time_kind,
            .time_zone = time_zone,
            .step = step};
  return out;
}

int64_t known_rows(const SequenceSet& set, const Sequence& sequence) {
  const auto targets = static_cast<size_t>(set.channels_of(ChannelRole::kValue));
  constexpr int64_t kRowsAtATime = 1 << 12;
  const bool stored = sequence.stored.store >= 0;
  for (int64_t end = set.length(sequence), begin = 0; end > 0; end = begin) {
    begin = stored ? std::max<int64_t>(end - kRowsAtATime, 0) : 0;
    const Sequence part = stored ? set.load(sequence, begin, end) : Sequence();
    for (int64_t t = end; t > begin; --t) {
      const auto row = (stored ? set.step(part, t - 1 - begin) : set.step(sequence, t - 1)).first(targets);
      if (!std::ranges::all_of(row, [](float y) { return std::isnan(y); })) return t;
    }
  }
  return 0;
}

void fill_time_gaps(SequenceSet& set) {
  const TimeGrid grid = find_time_grid(set);
  if (set.time_kind == TimeKind::kNone || grid.regular()) return;
  int64_t rows = 0;
  for (const Sequence& s : set.sequences) rows += set.length(s);
  if (grid.step.unit == TimeUnit::kNone || grid.off > 0 || grid.missing > kMostFilling * rows) {
    set.notes.emplace_back("times are not evenly spaced: each row is taken as one step");
    return;
  }
  if (set.in_memory()) {
    for (Sequence& s : set.sequences) GapFiller(set.width(), grid.step).fill(s);
  } else {
    fill_on_disk(set, grid.step);
  }
  set.notes.push_back(fmt::format("{} missing from evenly spaced times and {} inserted as missing values",
                                  counted(grid.missing, "row is", "rows are"), grid.missing == 1 ? "was" : "were"));
}

SequenceSet join_history(SequenceSet history, SequenceSet more) {
  std::unordered_map<std::string, size_t> place;
  for (size_t i = 0; i < history.sequences.size(); ++i) place.emplace(history.sequences[i].id, i);
  std::vector<Sequence> sequences = std::exchange(more.sequences, {}), before = std::exchange(history.sequences, {});
  // Of the same columns: append() checks it, on empty sets.
  SequenceSet(history).append(SequenceSet(more));
  const bool on_disk = !history.in_memory() || !more.in_memory();
  StoreWriter writer(more);
  for (Sequence& s : sequences) {
    const auto found = place.find(s.id);
    const Sequence* const past = found != place.end() ? &before[found->second] : nullptr;
    if (past != nullptr && more.time_kind != TimeKind::kNone && more.length(s) > 0 && history.length(*past) > 0 &&
        time_of_step(more, s, 0) <= time_of_step(history, *past, history.length(*past) - 1)) {
      fail("{}: series {}: expected it to begin after the end of its history", more.where(s), quoted_cell(s.id));
    }
    if (on_disk) {
      writer.begin();
      const auto add = [&](const SequenceSet& set, const Sequence& of) {
        for_each_part(set, of, [&](const Sequence& part, int64_t) { writer.add(part, set.length(part)); });
      };
      if (past != nullptr) add(history, *past);
      add(more, s);
      internal::free_steps(s);
      s.stored = writer.end();
    } else if (past != nullptr) {
      s.times.insert(s.times.begin(), past->times.begin(), past->times.end());
      s.values.insert(s.values.begin(), past->values.begin(), past->values.end());
      s.step_labels.clear();
    }
  }
  if (on_disk) writer.finish(more);
  more.sequences = std::move(sequences);
  return more;
}

}  // namespace recur
