#include "recur/tasks/sample_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "recur/base/error.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/missing_column.h"

namespace recur {
namespace {

constexpr std::string_view kDelimiters = ",\t;|";

char delimiter_of(std::string_view line) {
  const auto* const at =
      std::ranges::find_if(kDelimiters, [&](char c) { return line.find(c) != std::string_view::npos; });
  return at == kDelimiters.end() ? ' ' : *at;
}

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
  if (!options_.id.empty()) id_ = find(options_.id);
}

void SampleLines::take_width(const std::vector<std::string_view>& cells) {
  const std::vector<std::string>& channels = options_.channels;
  for (size_t c = 0; c < channels.size(); ++c) {
    const auto at = cells.size() == channels.size() ? c : numbered(channels[c], cells.size());
    if (!at) {
      fail("{}: expected a header, or the {} values of {}; got {} cells", place(), channels.size(),
           fmt::join(channels, ", "), cells.size());
    }
    columns_.push_back(*at);
  }
  if (cells.size() > channels.size()) id_ = numbered(options_.id, cells.size());
}

float SampleLines::number(std::string_view cell, size_t column) const {
  if (is_missing(cell) || (!options_.missing.empty() && cell == options_.missing)) {
    return std::numeric_limits<float>::quiet_NaN();
  }
  const auto value = parse_number(cell);
  if (value && *value >= -std::numeric_limits<float>::max() && *value <= std::numeric_limits<float>::max()) {
    return static_cast<float>(*value);
  }
  fail("{}: column {}{}: {}", place(), column + 1, names_.empty() ? "" : fmt::format(" ({})", names_[column]),
       number_wanted(cell));
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
    const bool header = std::ranges::any_of(cells, [&](std::string_view cell) {
      return !is_missing(cell) && cell != options_.missing && !parse_number(cell);
    });
    header ? take_header(cells) : take_width(cells);
    width_ = cells.size();
    if (header) return std::nullopt;
  }
  if (cells.size() != width_) fail("{}: expected {} cells, got {}", place(), width_, cells.size());
  Sample sample;
  if (id_) sample.id = cells[*id_];
  for (const size_t column : columns_) sample.values.push_back(number(cells[column], column));
  return sample;
}

}  // namespace recur
