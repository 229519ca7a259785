#include "recur/tasks/sample_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/missing_column.h"

namespace recur {
namespace {

constexpr std::string_view kDelimiters = ",\t;|";

std::string_view unquoted(std::string_view cell) {
  const bool quoted = cell.size() >= 2 && cell.front() == '"' && cell.back() == '"';
  return quoted ? cell.substr(1, cell.size() - 2) : cell;
}

// Between runs of spaces, or single ones of any other delimiter.
std::vector<std::string_view> split(std::string_view line, char delimiter) {
  std::vector<std::string_view> cells;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find(delimiter, at), line.size());
    if (delimiter != ' ' || end > at) cells.push_back(unquoted(trimmed(line.substr(at, end - at))));
    at = end + 1;
  }
  return cells;
}

// 1 of "#2".
std::optional<size_t> numbered(const std::string& name, size_t width) {
  const auto number = name.starts_with('#') ? parse_number(name.substr(1)) : std::nullopt;
  if (!number || *number < 1 || *number > static_cast<double>(width)) return std::nullopt;
  return static_cast<size_t>(*number) - 1;
}

}  // namespace

SampleLines::SampleLines(SampleLineOptions options)
    : options_(std::move(options)),
      rules_(TableOptions{.columns = options_.columns,
                          .missing = options_.missing,
                          .decimal = options_.decimal,
                          .thousands = options_.thousands}) {
  for (const std::string& channel : options_.channels) offsets_.push_back(options_.columns.offset(channel));
}

// The comma is none where it stands in numbers.
char SampleLines::delimiter_of(std::string_view line) const {
  const auto stands = [&](char c) {
    return line.find(c) != std::string_view::npos && !(c == ',' && rules_.marks.decimal == ',');
  };
  const auto* const at = std::ranges::find_if(kDelimiters, stands);
  return at == kDelimiters.end() ? ' ' : *at;
}

std::string SampleLines::place() const { return fmt::format("standard input:{}", line_); }

void SampleLines::take_header(const std::vector<std::string_view>& cells) {
  names_.assign(cells.begin(), cells.end());
  for (auto name = names_.begin(); name != names_.end(); ++name) {
    if (!name->empty() && std::find(names_.begin(), name, *name) != name) {
      fail("{}: two columns are called {}", place(), quoted_cell(*name));
    }
  }
  const auto find = [this](const std::string& name) -> std::optional<size_t> {
    const auto at = std::ranges::find(names_, name);
    return at == names_.end() ? std::nullopt : std::optional(static_cast<size_t>(at - names_.begin()));
  };
  for (const std::string& channel : options_.channels) {
    const auto at = find(channel);
    if (!at) fail_missing_column(place(), channel, names_, false);
    columns_.push_back(*at);
  }
  const auto parts =
      joined_columns(options_.columns.id, [&](const std::string& name) { return find(name).has_value(); });
  for (const std::string& part : parts) {
    if (const auto at = find(part)) ids_.push_back(*at);
  }
}

void SampleLines::take_width(const std::vector<std::string_view>& cells) {
  const std::vector<std::string>& channels = options_.channels;
  for (size_t c = 0; c < channels.size(); ++c) {
    const auto at = cells.size() == channels.size() ? c : numbered(channels[c], cells.size());
    if (!at) {
      fail("{}: expected a header, or the {} values of {}; got {} cells", place(), channels.size(), listed(channels),
           cells.size());
    }
    columns_.push_back(*at);
  }
  if (cells.size() == channels.size()) return;
  const auto at = [&](const std::string& name) { return numbered(name, cells.size()); };
  const auto parts = joined_columns(options_.columns.id, [&](const std::string& name) { return at(name).has_value(); });
  for (const std::string& part : parts) {
    if (const auto column = at(part)) ids_.push_back(*column);
  }
}

bool SampleLines::is_number(std::string_view cell) const {
  return rules_.is_missing(cell) || rules_.number(cell) || parse_boolean(cell);
}

float SampleLines::number(std::string_view cell, size_t channel) const {
  if (rules_.is_missing(cell)) return std::numeric_limits<float>::quiet_NaN();
  auto value = rules_.number(cell);
  if (!value) value = parse_boolean(cell);
  if (value && std::abs(*value) <= kLargestNumber) return static_cast<float>(*value - offsets_[channel]);
  const size_t column = columns_[channel];
  fail("{}: column {}{}: {}", place(), column + 1,
       names_.empty() ? "" : fmt::format(" ({})", shortened(names_[column])),
       value ? fmt::format("{} is beyond the range of numbers here ({:g}); if it means a missing value, leave it empty",
                           quoted_cell(cell), kLargestNumber)
             : number_wanted(cell));
}

std::optional<SampleLines::Sample> SampleLines::read(std::string_view line) {
  ++line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  if (trimmed(line).empty()) return std::nullopt;
  const bool first = width_ == 0;
  if (first) delimiter_ = delimiter_of(line);
  const std::vector<std::string_view> cells = split(line, delimiter_);
  if (first) {
    const bool header = std::ranges::any_of(cells, [&](std::string_view cell) { return !is_number(cell); });
    header ? take_header(cells) : take_width(cells);
    width_ = cells.size();
    if (header) return std::nullopt;
  }
  if (cells.size() != width_) fail("{}: expected {} cells, got {}", place(), width_, cells.size());
  Sample sample;
  for (const size_t column : ids_) {
    if (!sample.id.empty()) sample.id += kIdJoint;
    sample.id += cells[column];
  }
  for (size_t c = 0; c < columns_.size(); ++c) sample.values.push_back(number(cells[columns_[c]], c));
  return sample;
}

}  // namespace recur
