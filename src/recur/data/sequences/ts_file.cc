#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "recur/data/files/archive_header.h"
#include "recur/data/sequences/file_sequences.h"
#include "recur/data/sequences/step_spill.h"
#include "recur/data/sequences/table_rows.h"
#include "recur/data/sequences/value_of.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/label_cell.h"
#include "recur/data/tables/table.h"

namespace recur::internal {
namespace {

constexpr double kMostDimensions = 1 << 20;

class TsReader {
 public:
  TsReader(const DataFile& file, const SequenceOptions& options)
      : options_(options),
        rules_(options),
        lines_(file),
        budget_(options),
        spill_(set_, options),
        header_(read_archive_header(lines_)) {
    set_.files = {file.name()};
    stamped_ = header_.is_true("timestamps");
    read_label_field();
  }

  SequenceSet read() {
    std::string_view line;
    while (lines_.next(line)) {
      line = trimmed(line);
      if (line.empty() || line.starts_with('#')) continue;
      check_utf8(lines_, line);
      add_case(line);
    }
    spill_.finish();
    std::vector<std::pair<std::string, double>> offsets = std::move(set_.columns.offsets);
    set_.columns = options_.columns;
    set_.columns.offsets = std::move(offsets);
    set_.columns.complete = true;
    set_.columns.layout = Layout::kWide;
    set_.columns.labels = set_.labels;
    tiny_.note(set_);
    return std::move(set_);
  }

 private:
  // "@classLabel true a b c" lists classes, "@targetLabel true" announces a number.
  void read_label_field() {
    const bool classes = header_.is_true("classlabel");
    labelled_ = classes || header_.is_true("targetlabel");
    if (labelled_) set_.labels = {"label"};
    set_.stated_values = labelled_ && !classes;
    if (!classes) return;
    const std::string field = header_.find("classlabel");
    std::vector<std::string_view> words;
    split_at(field, ' ', words);
    for (size_t i = 1; i < words.size(); ++i) {
      if (!words[i].empty()) set_.stated_classes.push_back(canonical_label(words[i]));
    }
  }

  void add_case(std::string_view line) {
    split_dimensions(line);
    Sequence s;
    s.id = std::to_string(set_.size() + 1);
    s.place.line = lines_.line();
    if (labelled_) take_label(s);
    if (set_.channels.empty()) add_channels();
    if (parts_.size() != set_.channels.size()) {
      lines_.fail_here("expected {} dimensions{}, got {}", set_.channels.size(), labelled_ ? " and a label" : "",
                       parts_.size());
    }
    for (size_t c = 0; c < parts_.size(); ++c) add_dimension(s, c);
    if (set_.sequences.empty() && !options_.columns.complete) choose_offsets(set_, steps_, options_.keep_level);
    for (size_t i = 0; i < steps_.size(); ++i) {
      s.values.push_back(tiny_.rounded(steps_[i] - set_.channels[i % set_.channels.size()].offset, lines_.line()));
    }
    set_.sequences.push_back(std::move(s));
    spill_.added(set_.sequences.back());
  }

  // Between colons, but those of times within the parentheses of "(2020-01-01 12:00,1.5)" are none.
  void split_dimensions(std::string_view line) {
    if (!stamped_) return split_at(line, ':', parts_);
    parts_.clear();
    size_t begin = 0;
    bool inside = false;
    for (size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '(' || line[i] == ')') inside = line[i] == '(';
      if (line[i] != ':' || inside) continue;
      parts_.push_back(line.substr(begin, i - begin));
      begin = i + 1;
    }
    parts_.push_back(line.substr(begin));
  }

  void take_label(Sequence& s) {
    if (parts_.size() < 2) lines_.fail_here("expected values and a label between ':'");
    const std::string label = label_cell(parts_.back(), rules_);
    const auto& known = set_.stated_classes;
    if (!known.empty() && !label.empty() && std::ranges::find(known, label) == known.end()) {
      lines_.fail_here("the label {} is not among those of @classLabel", quoted_cell(label));
    }
    s.labels.push_back(label);
    parts_.pop_back();
  }

  // As many as the header says, or the first case has.
  void add_channels() {
    const auto stated = parse_number(header_.find("dimensions"));
    if (stated && *stated != static_cast<double>(parts_.size())) {
      lines_.fail_here("@dimensions is {}, but there are {}", *stated, parts_.size());
    }
    if (static_cast<double>(parts_.size()) > kMostDimensions) lines_.fail_here("{} dimensions", parts_.size());
    set_.columns.offsets = options_.columns.offsets;
    for (size_t c = 1; c <= parts_.size(); ++c) {
      const std::string name = fmt::format("#{}", c);
      set_.channels.push_back({name, ChannelRole::kValue, set_.columns.offset(name)});
    }
  }

  void add_dimension(Sequence& s, size_t channel) {
    times_.clear();
    values_.clear();
    stamped_ ? take_pairs(parts_[channel], channel) : take_values(parts_[channel], channel);
    const size_t width = set_.channels.size();
    if (channel == 0) {
      budget_.take(lines_.name(), values_.size() * width);
      steps_.assign(values_.size() * width, 0);
      s.times = times_;
    }
    if (values_.size() * width != steps_.size()) {
      lines_.fail_here("dimension {} has {} steps, the first has {}", channel + 1, values_.size(),
                       steps_.size() / width);
    }
    if (times_ != s.times) lines_.fail_here("dimension {} has other times than the first", channel + 1);
    for (size_t t = 0; t < values_.size(); ++t) steps_[t * width + channel] = values_[t];
  }

  void take_values(std::string_view text, size_t channel) {
    if (trimmed(text).empty()) return;
    split_at(text, ',', cells_);
    for (const std::string_view cell : cells_) values_.push_back(number(cell, channel));
  }

  // "(0,1.5),(1,2)"
  void take_pairs(std::string_view text, size_t channel) {
    while (!(text = trimmed(text)).empty()) {
      if (text.starts_with(',')) text.remove_prefix(1);
      text = trimmed(text);
      const size_t comma = text.find(','), end = text.find(')');
      if (!text.starts_with('(') || end == std::string_view::npos || comma > end) {
        lines_.fail_here("dimension {}: expected '(time,value)', got {}", channel + 1, quoted_cell(text));
      }
      add_time(text.substr(1, comma - 1), channel);
      values_.push_back(number(text.substr(comma + 1, end - comma - 1), channel));
      text.remove_prefix(end + 1);
    }
  }

  void add_time(std::string_view cell, size_t channel) {
    const auto date = rules_.zoned_date(cell);
    const auto time = date ? std::optional(date->seconds) : parse_number(cell);
    if (date && set_.time_kind == TimeKind::kNone) set_.time_zone = date->zone;
    if (!time) lines_.fail_here("dimension {}: expected a time, got {}", channel + 1, quoted_cell(cell));
    const TimeKind kind = date ? TimeKind::kDate : TimeKind::kNumber;
    if (set_.time_kind != TimeKind::kNone && set_.time_kind != kind) lines_.fail_here("numbers and dates are mixed");
    set_.time_kind = kind;
    if (!times_.empty() && *time <= times_.back()) lines_.fail_here("dimension {}: times do not rise", channel + 1);
    times_.push_back(*time);
  }

  double number(std::string_view cell, size_t channel) const {
    if (rules_.is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
    const auto value = rules_.number(cell);
    if (value && std::abs(*value) <= kLargestNumber) return *value;
    lines_.fail_here("dimension {}, step {}: {}", channel + 1, values_.size() + 1,
                     value ? beyond_range(*value) : number_wanted(cell));
  }

  const SequenceOptions& options_;
  const CellRules rules_;
  LineReader lines_;
  ValueBudget budget_;
  SequenceSet set_;
  StepSpill spill_;
  ArchiveHeader header_;
  bool labelled_ = false, stamped_ = false;
  std::vector<std::string_view> parts_, cells_;
  std::vector<double> times_;  // of one dimension
  std::vector<double> values_;
  std::vector<double> steps_;  // of a case, [T, C]
  TinyValues tiny_;
};

}  // namespace

SequenceSet read_ts(const DataFile& file, const SequenceOptions& options) { return TsReader(file, options).read(); }

}  // namespace recur::internal
