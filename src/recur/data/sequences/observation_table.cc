// A row a measurement.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "recur/base/counted.h"
#include "recur/data/files/row_grouper.h"
#include "recur/data/files/string_map.h"
#include "recur/data/sequences/id_index.h"
#include "recur/data/sequences/settle_times.h"
#include "recur/data/sequences/step_spill.h"
#include "recur/data/sequences/table_rows.h"
#include "recur/data/sequences/table_sequences.h"
#include "recur/data/tables/cell_text.h"

namespace recur::internal {
namespace {

constexpr size_t kMostChannels = 4096;  // more different parameters are a column that holds something else

struct Observation {
  double time;
  int32_t channel;
  float value;
  int64_t line;
};

class ObservationReader {
 public:
  ObservationReader(OpenTable table, const SequenceOptions& options)
      : options_(options),
        rows_(std::move(table), options),
        set_(rows_.empty_set()),
        budget_(options),
        most_pending_(memory_bytes(options) / 2),
        index_(set_.sequences) {
    const Columns& columns = options.columns;
    add_channels(columns.values, ChannelRole::kValue);
    add_channels(columns.past, ChannelRole::kPast);
    add_channels(columns.future, ChannelRole::kFuture);
    any_channel_ = set_.channels.empty();
    // Statics that are no columns are parameters, such as the age among the measurements of a patient.
    for (const std::string& name : columns.statics) {
      if (rows_.head().find(name)) continue;
      static_of_.emplace(name, set_.statics.size());
      set_.statics.push_back(name);
    }
    for (const std::string& name : columns.ignored) ignored_.emplace(name, 0);
  }

  SequenceSet read() {
    while (rows_.next()) add_row();
    build_all();
    rows_.finish(set_);
    note_repairs(set_, repairs_, options_);
    if (any_channel_) {
      for (const Channel& channel : set_.channels) set_.columns.values.push_back(channel.name);
    }
    if (left_out_ > 0) {
      set_.notes.push_back(fmt::format(
          "{}: {} left out", rows_.table().name(),
          counted(left_out_, "row of a parameter that is not used was", "rows of parameters that are not used were")));
    }
    return std::move(set_);
  }

 private:
  void add_channels(const std::vector<std::string>& names, ChannelRole role) {
    for (const std::string& name : names) {
      channel_of_.emplace(name, static_cast<int32_t>(set_.channels.size()));
      set_.channels.push_back({name, role, options_.columns.offset(name)});
    }
  }

  void add_row() {
    const size_t index = sequence(rows_.id());
    const double time = rows_.time();
    const std::string_view parameter = trimmed(rows_.cell(*rows_.roles().parameter));
    if (parameter.empty()) rows_.fail_cell(*rows_.roles().parameter, "the parameter is empty");
    if (const auto at = static_of_.empty() ? static_of_.end() : static_of_.find(parameter); at != static_of_.end()) {
      return set_static(set_.sequences[index].statics[at->second]);
    }
    const auto channel = channel_named(parameter);
    if (!channel) {
      ++left_out_;
      return;
    }
    const double offset = set_.channels[static_cast<size_t>(*channel)].offset;
    const float value = rows_.number(*rows_.roles().value, offset);
    observations_[index].push_back({time, *channel, value, rows_.table().line()});
    pending_ += static_cast<int64_t>(sizeof(Observation));
    if (pending_ >= most_pending_) spill();
  }

  // Measurements go to disk when they are too many, and their sequences are brought together there.
  void spill() {
    pending_ = 0;
    if (!grouper_) grouper_.emplace(sizeof(Observation), kStepPurpose);
    for (size_t i = 0; i < observations_.size(); ++i) {
      if (observations_[i].empty()) continue;
      grouper_->append(i, std::as_bytes(std::span(observations_[i])));
      observations_[i] = std::vector<Observation>();
    }
  }

  void build_all() {
    StepSpill steps(set_, options_);
    std::unique_ptr<ScratchFile> file;
    if (grouper_) {
      spill();
      file = grouper_->finish();
    }
    int64_t place = 0;
    for (size_t i = 0; i < set_.sequences.size(); ++i) {
      std::vector<Observation> own = std::move(observations_[i]);
      if (file) {
        own.resize(static_cast<size_t>(grouper_->rows(i)));
        const auto bytes = std::as_writable_bytes(std::span(own));
        file->read(place, bytes);
        place += std::ssize(bytes);
      }
      Sequence& s = set_.sequences[i];
      build(s, own);
      steps.added(s);
    }
    steps.finish();
  }

  size_t sequence(std::string_view id) {
    const bool as_before = !set_.sequences.empty() && set_.sequences[last_].id == id;
    const auto known = as_before ? std::optional(last_) : index_.find(id);
    last_ = known.value_or(set_.sequences.size());
    if (known) {
      rows_.check_same(set_.sequences[last_]);
      return last_;
    }
    set_.sequences.push_back(rows_.begin_sequence(id));
    set_.sequences.back().statics.resize(set_.statics.size());
    index_.add_last();
    observations_.emplace_back();
    return last_;
  }

  void set_static(std::string& covariate) const {
    const std::string_view cell = rows_.cell(*rows_.roles().value);
    if (covariate.empty() && !rows_.rules().is_missing(cell)) covariate = canonical_label(cell);
  }

  // Parameters mostly come in the order in which they came before.
  std::optional<int32_t> channel_named(std::string_view parameter) {
    const size_t likely = before_ < behind_.size() ? behind_[before_] : 0;
    if (likely < set_.channels.size() && set_.channels[likely].name == parameter) {
      before_ = likely;
      return static_cast<int32_t>(likely);
    }
    const auto found = find_channel(parameter);
    if (!found) return found;
    behind_.resize(set_.channels.size());
    behind_[std::exchange(before_, static_cast<size_t>(*found))] = static_cast<size_t>(*found);
    return found;
  }

  std::optional<int32_t> find_channel(std::string_view parameter) {
    const auto at = channel_of_.find(parameter);
    if (at != channel_of_.end()) return at->second;
    if (!any_channel_ || ignored_.find(parameter) != ignored_.end()) return std::nullopt;
    if (set_.channels.size() == kMostChannels) {
      rows_.fail_cell(*rows_.roles().parameter, "more than {} different parameters", kMostChannels);
    }
    const auto channel = static_cast<int32_t>(set_.channels.size());
    channel_of_.emplace(parameter, channel);
    const std::string name(parameter);
    set_.channels.push_back({name, ChannelRole::kValue, options_.columns.offset(name)});
    return channel;
  }

  // Measurements of one sequence into steps [T, C]; frees them.
  void build(Sequence& s, std::vector<Observation>& observations) {
    if (!std::ranges::is_sorted(observations, {}, &Observation::time)) sort(s, observations);
    const size_t width = set_.channels.size();
    for (size_t begin = 0, end = 0; begin < observations.size(); begin = end) {
      while (end < observations.size() && observations[end].time == observations[begin].time) ++end;
      budget_.take(rows_.table().name(), width);
      s.times.push_back(observations[begin].time);
      s.values.resize(s.values.size() + width, std::numeric_limits<float>::quiet_NaN());
      fill_step(s, std::span(observations).subspan(begin, end - begin));
    }
    std::vector<Observation>().swap(observations);
  }

  void sort(const Sequence& s, std::vector<Observation>& observations) {
    const auto back = std::ranges::is_sorted_until(observations, {}, &Observation::time);
    if (!options_.sort_time) {
      fail("{}:{}: the time {} of sequence {} lies before that of a row before; sort the rows, or set sort_time",
           rows_.table().name(), back->line, time_text(set_.time_kind, back->time), quoted_cell(s.id));
    }
    double latest = -std::numeric_limits<double>::infinity();
    for (const Observation& o : observations) {
      repairs_.sorted += o.time < latest ? 1 : 0;
      latest = std::max(latest, o.time);
    }
    std::ranges::stable_sort(observations, {}, &Observation::time);
  }

  // The last step of the sequence, from the measurements of its time.
  void fill_step(Sequence& s, std::span<const Observation> observations) {
    const std::span<float> step = std::span(s.values).last(set_.channels.size());
    std::map<int32_t, std::vector<float>> repeated;
    for (const Observation& o : observations) {
      float& value = step[static_cast<size_t>(o.channel)];
      if (!std::isnan(value) && !std::isnan(o.value)) {
        if (options_.repeats == Repeats::kFail) fail_twice(s, o);
        repeated.try_emplace(o.channel, 1, value).first->second.push_back(o.value);
        ++repairs_.merged;
      } else if (std::isnan(value)) {
        value = o.value;
      }
    }
    for (const auto& [channel, values] : repeated) {
      step[static_cast<size_t>(channel)] = merge_repeats(options_.repeats, values);
    }
  }

  [[noreturn]] void fail_twice(const Sequence& s, const Observation& o) const {
    fail("{}:{}: sequence {} has a second value of {} at the time {}; set repeats to first, last or mean",
         rows_.table().name(), o.line, quoted_cell(s.id),
         quoted_cell(set_.channels[static_cast<size_t>(o.channel)].name), time_text(set_.time_kind, o.time));
  }

  const SequenceOptions& options_;
  TableRows rows_;
  SequenceSet set_;
  ValueBudget budget_;
  TimeRepairs repairs_;
  const int64_t most_pending_;  // bytes of observations in memory
  int64_t pending_ = 0;
  std::vector<std::vector<Observation>> observations_;  // of each sequence, unless they are on disk
  std::optional<RowGrouper> grouper_;
  IdIndex index_;
  size_t last_ = 0;  // the sequence of the row before
  StringMap<int32_t> channel_of_;
  StringMap<size_t> static_of_;
  std::vector<size_t> behind_;  // of each channel the one that came after it
  size_t before_ = 0;           // the channel of the row before
  StringMap<int> ignored_;
  bool any_channel_ = false;  // parameters become channels as they appear
  int64_t left_out_ = 0;
};

}  // namespace

SequenceSet read_observations(OpenTable table, const SequenceOptions& options) {
  return ObservationReader(std::move(table), options).read();
}

}  // namespace recur::internal
