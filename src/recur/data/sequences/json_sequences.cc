#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "recur/data/files/json_lines.h"
#include "recur/data/files/string_map.h"
#include "recur/data/sequences/file_sequences.h"
#include "recur/data/sequences/settle_times.h"
#include "recur/data/sequences/step_spill.h"
#include "recur/data/sequences/table_rows.h"
#include "recur/data/sequences/value_of.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/date_time.h"
#include "recur/data/tables/label_cell.h"

namespace recur::internal {
namespace {

constexpr std::array<std::string_view, 6> kIdKeys{"id", "item_id", "series_id", "unique_id", "name", "record"};
constexpr std::array<std::string_view, 6> kTimeKeys{"times", "time", "timestamps", "timestamp", "dates", "date"};
constexpr std::array<std::string_view, 4> kLabelKeys{"label", "labels", "class", "classes"};

bool is_one_of(std::string_view key, std::span<const std::string_view> keys) {
  return std::ranges::find(keys, lower_ascii(key)) != keys.end();
}

bool is_number_or_null(const Json& value) { return value.is_number() || value.is_null() || value.is_boolean(); }

// [1, 2, null] or, for several channels, [[1, 2], [3, 4]].
bool is_series(const Json& value) {
  return value.is_array() && std::ranges::all_of(value, [](const Json& step) {
           return is_number_or_null(step) || (step.is_array() && std::ranges::all_of(step, is_number_or_null));
         });
}

class JsonReader {
 public:
  JsonReader(const DataFile& file, const SequenceOptions& options)
      : options_(options), rules_(options), lines_(file), budget_(options), spill_(set_, options) {
    set_.columns = options.columns;
    set_.files = {file.name()};
  }

  SequenceSet read() {
    while (lines_.next()) {
      if (set_.sequences.empty()) choose_keys();
      add_object();
    }
    spill_.finish();
    note_repairs(set_, repairs_, options_);
    tiny_.note(set_);
    return std::move(set_);
  }

 private:
  void choose_keys();
  void add_channels(const std::vector<std::string>& keys, ChannelRole role);
  void add_object();
  const Json& at(const std::string& key) const {
    if (const Json* found = lines_.object().find(key)) return *found;
    lines_.fail_here("there is no key {}", quoted_cell(key));
  }
  bool is_lacking(const std::string& key) const {
    return key == options_.may_lack && lines_.object().find(key) == nullptr;
  }
  size_t key_width(const std::string& key) const;
  void add_values(Sequence& s);
  void add_key(Sequence& s, const std::string& key, size_t steps, size_t offset);
  void add_times(Sequence& s, size_t steps);
  void find_compact_dates(const Json& times);
  void add_step_labels(Sequence& s, size_t steps);
  double number(const std::string& key, const Json& value) const;
  std::string id() const;
  std::string scalar(const std::string& key, bool needed) const;
  std::string label(const std::string& key) const;

  const SequenceOptions& options_;
  CellRules rules_;
  const std::optional<double> missing_ = missing_number(options_.missing);
  JsonLines lines_;
  ValueBudget budget_;
  SequenceSet set_;
  StepSpill spill_;
  TimeRepairs repairs_;
  std::vector<std::string> value_keys_;  // of arrays, in the order of the channels
  std::vector<size_t> key_widths_;       // the channels of each
  std::vector<double> values_;           // of one object, [T, C]
  TinyValues tiny_;
  StringMap<int32_t> classes_;
};

// Of the first object: what is declared, else what names and kinds of values say.
void JsonReader::choose_keys() {
  Columns& columns = set_.columns;
  const bool guess = !columns.complete;
  const bool any_values = guess && columns.values.empty();
  const auto declared = [&columns](const std::string& key) {
    const auto in = [&key](const std::vector<std::string>& keys) { return std::ranges::find(keys, key) != keys.end(); };
    return key == columns.id || key == columns.time || in(columns.values) || in(columns.past) || in(columns.future) ||
           in(columns.labels) || in(columns.step_labels) || in(columns.statics) || in(columns.ignored);
  };
  for (const auto& [key, value] : lines_.object().items()) {
    if (!guess || declared(key)) continue;
    if (columns.time.empty() && value.is_array() && is_one_of(key, kTimeKeys)) {
      columns.time = key;
    } else if (columns.step_labels.empty() && value.is_array() && is_one_of(key, kLabelKeys)) {
      columns.step_labels.push_back(key);
    } else if (is_series(value)) {
      (any_values ? columns.values : columns.ignored).push_back(key);
    } else if (columns.id.empty() && is_one_of(key, kIdKeys)) {
      columns.id = key;
    } else if (columns.labels.empty() && is_one_of(key, kLabelKeys)) {
      columns.labels.push_back(key);
    } else {
      (value.is_array() || value.is_object() ? columns.ignored : columns.statics).push_back(key);
    }
  }
  columns.layout = Layout::kWide;
  columns.complete = true;
  set_.labels = columns.labels;
  set_.statics = columns.statics;
  add_channels(columns.values, ChannelRole::kValue);
  add_channels(columns.past, ChannelRole::kPast);
  add_channels(columns.future, ChannelRole::kFuture);
  if (set_.channels.empty()) lines_.fail_here("no key has an array of numbers");
}

// [T, C] arrays give C channels called key.1, key.2, ...
void JsonReader::add_channels(const std::vector<std::string>& keys, ChannelRole role) {
  for (const std::string& key : keys) {
    const size_t width = key_width(key);
    for (size_t c = 1; c <= width; ++c) {
      const std::string name = width == 1 ? key : fmt::format("{}.{}", key, c);
      set_.channels.push_back({name, role, set_.columns.offset(name)});
    }
    value_keys_.push_back(key);
    key_widths_.push_back(width);
  }
}

size_t JsonReader::key_width(const std::string& key) const {
  if (is_lacking(key)) return 1;
  const Json& value = at(key);
  if (!value.is_array())
    lines_.fail_here("key {}: expected an array of numbers, got {}", quoted_cell(key), value.type_name());
  return !value.empty() && value[0].is_array() ? value[0].size() : 1;
}

double JsonReader::number(const std::string& key, const Json& value) const {
  constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  if (value.is_null()) return kMissing;
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_text()) {
    const auto text = value.get<std::string_view>();
    if (rules_.is_missing(text)) return kMissing;
    lines_.fail_here("key {}: {}", quoted_cell(key), number_wanted(text));
  }
  if (!value.is_number()) lines_.fail_here("key {}: expected a number, got {}", quoted_cell(key), value.type_name());
  const auto x = value.get<double>();
  if (missing_ && x == *missing_) return kMissing;
  if (std::abs(x) > kLargestNumber) lines_.fail_here("key {}: {}", quoted_cell(key), beyond_range(x));
  return x;
}

// As it is: a code such as 007 is no number, and NA is a name like others.
std::string JsonReader::id() const {
  const std::string& key = set_.columns.id;
  const auto text = lines_.scalar(key);
  if (!text) lines_.fail_here("there is no key {}", quoted_cell(key));
  if (trimmed(*text).empty()) lines_.fail_here("key {}: the id is empty", quoted_cell(key));
  return std::string(trimmed(*text));
}

std::string JsonReader::scalar(const std::string& key, bool needed) const {
  const auto text = lines_.scalar(key);
  if (!text && needed) lines_.fail_here("there is no key {}", quoted_cell(key));
  return !text || rules_.is_missing(*text) ? std::string() : canonical_label(*text);
}

std::string JsonReader::label(const std::string& key) const {
  const auto text = lines_.scalar(key);
  if (!text && options_.need_labels) lines_.fail_here("there is no key {}", quoted_cell(key));
  return label_cell(text.value_or(""), rules_);
}

void JsonReader::add_object() {
  Sequence s;
  s.place.line = lines_.line();
  const Columns& columns = set_.columns;
  s.id = columns.id.empty() ? std::to_string(set_.size() + 1) : id();
  for (const std::string& key : columns.labels) s.labels.push_back(label(key));
  for (const std::string& key : columns.statics) s.statics.push_back(scalar(key, false));
  add_values(s);
  const auto steps = static_cast<size_t>(set_.length(s));
  if (!columns.time.empty()) add_times(s, steps);
  if (!columns.step_labels.empty()) add_step_labels(s, steps);
  repairs_ += settle_times(set_, s, options_);
  set_.sequences.push_back(std::move(s));
  spill_.added(set_.sequences.back());
}

void JsonReader::add_values(Sequence& s) {
  const std::string& first = value_keys_[value_keys_.size() > 1 && is_lacking(value_keys_[0]) ? 1 : 0];
  const size_t steps = at(first).size();
  budget_.take(lines_.name(), steps * set_.channels.size());
  values_.assign(steps * set_.channels.size(), std::numeric_limits<double>::quiet_NaN());
  size_t offset = 0;
  for (size_t i = 0; i < value_keys_.size(); ++i) {
    if (is_lacking(value_keys_[i])) {
      offset += key_widths_[i];
      continue;
    }
    const Json& value = at(value_keys_[i]);
    if (!value.is_array()) {
      lines_.fail_here("key {}: expected an array of numbers, as in other lines", quoted_cell(value_keys_[i]));
    }
    if (value.size() != steps) {
      lines_.fail_here("key {}: expected an array of {} steps as in {}", quoted_cell(value_keys_[i]), steps,
                       quoted_cell(first));
    }
    for (size_t t = 0; t < steps; ++t) {
      const bool nested = value[t].is_array();
      const size_t got = nested ? value[t].size() : 1;
      if (got != key_widths_[i]) {
        lines_.fail_here("key {}: step {} has {} channels, expected {}", quoted_cell(value_keys_[i]), t + 1, got,
                         key_widths_[i]);
      }
      double* const step = values_.data() + t * set_.channels.size() + offset;
      for (size_t c = 0; c < got; ++c) step[c] = number(value_keys_[i], nested ? value[t][c] : value[t]);
    }
    offset += key_widths_[i];
  }
  if (set_.sequences.empty() && !options_.columns.complete) choose_offsets(set_, values_, options_.keep_level);
  s.values.resize(values_.size());
  for (size_t i = 0; i < values_.size(); ++i) {
    s.values[i] = tiny_.rounded(values_[i] - set_.channels[i % set_.channels.size()].offset, lines_.line());
  }
}

// Whole numbers such as 20200131 in the first object that are all dates.
void JsonReader::find_compact_dates(const Json& times) {
  std::string_view format;
  for (const Json& time : times) {
    const std::string_view here = compact_date_format(json_scalar_text(time).value_or(""));
    if (here.empty() || (!format.empty() && here != format)) return;
    format = here;
  }
  if (format.empty()) return;
  set_.columns.time_format = rules_.time_format = format;
  set_.notes.push_back(fmt::format("{}: the numbers of key {}, such as {}, are taken for dates ({})", lines_.name(),
                                   quoted_cell(set_.columns.time), json_scalar_text(times[0]).value_or(""), format));
}

void JsonReader::add_times(Sequence& s, size_t steps) {
  const std::string& key = set_.columns.time;
  const Json& value = at(key);
  if (!value.is_array() || value.size() != steps)
    lines_.fail_here("key {}: expected an array of {} times", quoted_cell(key), steps);
  if (set_.sequences.empty() && rules_.time_format.empty() && !options_.columns.complete) find_compact_dates(value);
  for (const Json& time : value) {
    const auto text = json_scalar_text(time).value_or("");
    const auto date = time.is_text() || !rules_.time_format.empty() ? rules_.zoned_date(text) : std::nullopt;
    const auto seconds = date ? std::optional(date->seconds) : parse_number(text);
    if (date && set_.time_kind == TimeKind::kNone) set_.time_zone = date->zone;
    if (!seconds) lines_.fail_here("key {}: expected a number or date, got {}", quoted_cell(key), quoted_cell(text));
    const TimeKind kind = date ? TimeKind::kDate : TimeKind::kNumber;
    if (set_.time_kind == TimeKind::kNone) set_.time_kind = kind;
    if (set_.time_kind != kind) lines_.fail_here("key {}: numbers and dates are mixed", quoted_cell(key));
    s.times.push_back(*seconds);
  }
}

void JsonReader::add_step_labels(Sequence& s, size_t steps) {
  const std::string& key = set_.columns.step_labels[0];
  if (!lines_.object().contains(key) && !options_.need_labels) return;
  const Json& value = at(key);
  if (!value.is_array() || value.size() != steps)
    lines_.fail_here("key {}: expected an array of {} labels", quoted_cell(key), steps);
  for (const Json& label : value) {
    const auto text = json_scalar_text(label);
    if (!text) lines_.fail_here("key {}: a label is {}", quoted_cell(key), label.type_name());
    if (rules_.is_missing(*text)) {
      s.step_labels.push_back(-1);
      continue;
    }
    std::string name = canonical_label(*text);
    const auto [at, added] = classes_.emplace(name, static_cast<int32_t>(set_.step_classes.size()));
    if (added) set_.step_classes.push_back(std::move(name));
    s.step_labels.push_back(at->second);
  }
}

}  // namespace

SequenceSet read_json_sequences(const DataFile& file, const SequenceOptions& options) {
  return JsonReader(file, options).read();
}

bool has_json_arrays(const DataFile& file) {
  JsonLines lines(file);
  return lines.next() &&
         std::ranges::any_of(lines.object().items(), [](const Json::Member& each) { return each.value.is_array(); });
}

}  // namespace recur::internal
