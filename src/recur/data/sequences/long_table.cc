// A row a time step.
#include <limits>
#include <optional>
#include <utility>

#include "recur/data/files/string_map.h"
#include "recur/data/sequences/id_index.h"
#include "recur/data/sequences/settle_times.h"
#include "recur/data/sequences/step_spill.h"
#include "recur/data/sequences/table_rows.h"
#include "recur/data/sequences/table_sequences.h"
#include "recur/data/tables/cell_text.h"

namespace recur::internal {
namespace {

constexpr float kLacking = std::numeric_limits<float>::quiet_NaN();

class LongReader {
 public:
  LongReader(OpenTable table, const SequenceOptions& options)
      : options_(options),
        rows_(std::move(table), options),
        set_(rows_.empty_set()),
        budget_(options),
        spill_(set_, options),
        index_(set_.sequences) {
    add_channels(options.columns.values, ChannelRole::kValue);
    add_channels(options.columns.past, ChannelRole::kPast);
    add_channels(options.columns.future, ChannelRole::kFuture);
  }

  SequenceSet read() {
    while (rows_.next()) add_row();
    spill_.finish();
    settle_times(set_, unsettled_, options_);
    rows_.finish(set_);
    return std::move(set_);
  }

 private:
  void add_channels(const std::vector<std::string>& names, ChannelRole role) {
    for (const std::string& name : names) {
      const double offset = options_.columns.offset(name);
      set_.channels.push_back({name, role, offset});
      columns_.push_back({rows_.head().find(name), offset});
    }
  }

  void add_row() {
    Sequence& s = sequence(rows_.id());
    if (rows_.roles().time) add_time(s);
    budget_.take(rows_.table().name(), columns_.size());
    const size_t first = s.values.size();
    s.values.resize(first + columns_.size());
    float* value = s.values.data() + first;
    for (const auto& [column, offset] : columns_) *value++ = column ? rows_.number(*column, offset) : kLacking;
    if (const auto column = rows_.roles().step_label) s.step_labels.push_back(step_label(rows_.cell(*column)));
    spill_.added(s);
  }

  Sequence& sequence(std::string_view id) {
    const bool as_before = !set_.sequences.empty() && set_.sequences[last_].id == id;
    if (!as_before) {
      const auto known = index_.find(id);
      last_ = known.value_or(set_.sequences.size());
      if (!known) return begin_sequence(id);
    }
    rows_.check_same(set_.sequences[last_]);
    return set_.sequences[last_];
  }

  Sequence& begin_sequence(std::string_view id) {
    set_.sequences.push_back(rows_.begin_sequence(id));
    index_.add_last();
    latest_.push_back(-std::numeric_limits<double>::infinity());
    unsettled_.push_back(false);
    return set_.sequences.back();
  }

  void add_time(Sequence& s) {
    const double time = rows_.time(), before = latest_[last_];
    const size_t column = *rows_.roles().time;
    if (time < before && !options_.sort_time) {
      rows_.fail_cell(
          column,
          "the time {} of sequence {} lies before {}, that of the row before; sort the rows, or set sort_time{}",
          shown(time), quoted_cell(s.id), shown(before),
          options_.columns.id.empty()
              ? "; if they are of several series, set id_column to the column that identifies them"
              : "");
    }
    if (time == before && options_.repeats == Repeats::kFail) {
      const bool has_id = !options_.columns.id.empty();
      rows_.fail_cell(column, "{} the time {}{}; {}",
                      has_id ? fmt::format("sequence {} has", quoted_cell(s.id)) : "times repeat: two rows have",
                      shown(time), has_id ? " twice" : "", repeats_advice(has_id));
    }
    if (time <= before) unsettled_[last_] = true;
    latest_[last_] = time;
    s.times.push_back(time);
  }

  std::string shown(double time) const { return time_text(set_.time_kind, time, rows_.zone()); }

  int32_t step_label(std::string_view cell) {
    if (rows_.rules().is_missing(cell)) return -1;
    if (const auto at = classes_.find(cell); at != classes_.end()) return at->second;
    std::string name = canonical_label(cell);
    const auto [at, added] = classes_.emplace(name, static_cast<int32_t>(set_.step_classes.size()));
    if (added) set_.step_classes.push_back(std::move(name));
    return at->second;
  }

  const SequenceOptions& options_;
  TableRows rows_;
  SequenceSet set_;
  ValueBudget budget_;
  StepSpill spill_;
  IdIndex index_;
  struct ChannelColumn {
    std::optional<size_t> column;  // none: SequenceOptions::may_lack
    double offset;
  };
  std::vector<ChannelColumn> columns_;  // of the channels
  std::vector<double> latest_;          // the last time of each sequence
  std::vector<bool> unsettled_;         // whether a time of the sequence does not rise
  StringMap<int32_t> classes_;          // of the step labels, by their names
  size_t last_ = 0;                     // the sequence of the row before
};

}  // namespace

SequenceSet read_long(OpenTable table, const SequenceOptions& options) {
  return LongReader(std::move(table), options).read();
}

}  // namespace recur::internal
