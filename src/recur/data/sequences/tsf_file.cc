#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "recur/data/files/archive_header.h"
#include "recur/data/sequences/file_sequences.h"
#include "recur/data/sequences/step_spill.h"
#include "recur/data/sequences/table_rows.h"
#include "recur/data/sequences/value_of.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/table.h"

namespace recur::internal {
namespace {

constexpr double kMonth = 2629746;          // its mean length in seconds
constexpr double kYear9999 = 253370764800;  // when it begins

struct Frequency {
  std::string_view name;
  TimeStep step;
};
constexpr std::array<Frequency, 12> kFrequencies{{{"yearly", {TimeUnit::kMonth, 12}},
                                                  {"quarterly", {TimeUnit::kMonth, 3}},
                                                  {"monthly", {TimeUnit::kMonth, 1}},
                                                  {"weekly", {TimeUnit::kSecond, 604800}},
                                                  {"daily", {TimeUnit::kSecond, 86400}},
                                                  {"hourly", {TimeUnit::kSecond, 3600}},
                                                  {"half_hourly", {TimeUnit::kSecond, 1800}},
                                                  {"15_minutes", {TimeUnit::kSecond, 900}},
                                                  {"10_minutes", {TimeUnit::kSecond, 600}},
                                                  {"5_minutes", {TimeUnit::kSecond, 300}},
                                                  {"minutely", {TimeUnit::kSecond, 60}},
                                                  {"4_seconds", {TimeUnit::kSecond, 4}}}};

class TsfReader {
 public:
  TsfReader(const DataFile& file, const SequenceOptions& options)
      : options_(options), rules_(options), lines_(file), budget_(options), spill_(set_, options) {
    set_.files = {file.name()};
    set_.channels = {{"value", ChannelRole::kValue, options.columns.offset("value")}};
    set_.columns = options.columns;
    set_.columns.layout = Layout::kWide;
    set_.columns.complete = true;
    read_header();
  }

  SequenceSet read() {
    std::string_view line;
    while (lines_.next(line)) {
      line = trimmed(line);
      if (line.empty() || line.starts_with('#')) continue;
      check_utf8(lines_, line);
      add_series(line);
    }
    spill_.finish();
    tiny_.note(set_);
    return std::move(set_);
  }

 private:
  void read_header() {
    const ArchiveHeader header = read_archive_header(lines_);
    for (const auto& [name, value] : header.fields) {
      if (name == "attribute") add_attribute(value);
    }
    const std::string frequency = lower_ascii(header.find("frequency"));
    const auto* const known = std::ranges::find(kFrequencies, frequency, &Frequency::name);
    if (known != kFrequencies.end()) set_.stated_step = known->step;
    if (!frequency.empty() && known == kFrequencies.end()) {
      set_.notes.push_back(fmt::format("{}: the frequency {} is not known; series have no times", lines_.name(),
                                       quoted_cell(frequency)));
    }
    const auto horizon = parse_number(header.find("horizon"));
    constexpr double kLongest = 1e6;
    if (horizon && *horizon >= 1 && *horizon <= kLongest) set_.stated_horizon = static_cast<int64_t>(*horizon);
    if (start_ && known != kFrequencies.end()) set_.time_kind = TimeKind::kDate;
  }

  // "series_name string": the first text is the id, the first date the start, the rest static covariates.
  void add_attribute(const std::string& field) {
    const size_t space = field.find_last_of(" \t");
    if (space == std::string::npos) fail("{}: @attribute {}: expected a name and a type", lines_.name(), field);
    const std::string name(trimmed(std::string_view(field).substr(0, space)));
    const std::string type = lower_ascii(std::string_view(field).substr(space + 1));
    const size_t attribute = attributes_++;
    if (type == "date" && !start_) {
      start_ = attribute;
    } else if (type == "string" && !id_) {
      id_ = attribute;
      set_.columns.id = name;
    } else {
      statics_.push_back(attribute);
      set_.statics.push_back(name);
    }
  }

  void add_series(std::string_view line) {
    split_at(line, ':', parts_);
    if (parts_.size() != attributes_ + 1) {
      lines_.fail_here("expected {} attributes and the values between ':', got {} parts", attributes_, parts_.size());
    }
    Sequence s;
    s.place.line = lines_.line();
    s.id = id_ ? std::string(parts_[*id_]) : std::to_string(set_.size() + 1);
    for (const size_t at : statics_) s.statics.emplace_back(rules_.is_missing(parts_[at]) ? "" : parts_[at]);
    add_values(s);
    if (set_.time_kind == TimeKind::kDate) add_times(s);
    set_.sequences.push_back(std::move(s));
    spill_.added(set_.sequences.back());
  }

  void add_values(Sequence& s) {
    if (trimmed(parts_.back()).empty()) lines_.fail_here("series {} has no values", quoted_cell(s.id));
    split_at(parts_.back(), ',', cells_);
    budget_.take(lines_.name(), cells_.size());
    values_.clear();
    for (const std::string_view cell : cells_) {
      const auto value = rules_.number(cell);
      const bool missing = rules_.is_missing(cell);
      if (!missing && !value) lines_.fail_here("value {}: {}", values_.size() + 1, number_wanted(cell));
      if (!missing && std::abs(*value) > kLargestNumber) {
        lines_.fail_here("value {}: {}", values_.size() + 1, beyond_range(*value));
      }
      values_.push_back(missing ? std::numeric_limits<double>::quiet_NaN() : *value);
    }
    if (set_.sequences.empty() && !options_.columns.complete) choose_offsets(set_, values_, options_.keep_level);
    s.values.reserve(values_.size());
    for (const double value : values_) {
      s.values.push_back(tiny_.rounded(value - set_.channels[0].offset, lines_.line()));
    }
  }

  void add_times(Sequence& s) {
    const auto date = rules_.zoned_date(parts_[*start_]);
    const auto start = date ? std::optional(date->seconds) : std::nullopt;
    if (date && set_.sequences.empty()) set_.time_zone = date->zone;
    if (!start) lines_.fail_here("expected a start such as 1996-03-18 00-00-00, got {}", quoted_cell(parts_[*start_]));
    const double seconds = set_.stated_step.unit == TimeUnit::kMonth ? kMonth : 1;
    if (*start + static_cast<double>(s.values.size()) * set_.stated_step.count * seconds > kYear9999) {
      lines_.fail_here("the series of {} values goes beyond the year 9999", s.values.size());
    }
    s.times.resize(s.values.size());
    for (size_t t = 0; t < s.times.size(); ++t) s.times[t] = advance(*start, set_.stated_step, static_cast<double>(t));
  }

  const SequenceOptions& options_;
  const CellRules rules_;
  LineReader lines_;
  ValueBudget budget_;
  SequenceSet set_;
  StepSpill spill_;
  size_t attributes_ = 0;
  std::optional<size_t> id_, start_;
  std::vector<size_t> statics_;
  std::vector<std::string_view> parts_, cells_;
  std::vector<double> values_;  // of a series
  TinyValues tiny_;
};

}  // namespace

SequenceSet read_tsf(const DataFile& file, const SequenceOptions& options) { return TsfReader(file, options).read(); }

}  // namespace recur::internal
