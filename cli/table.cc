#include "cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "recur/data/files/utf8.h"

namespace recur::cli {
namespace {

void pad(std::string& line, std::size_t count) { line.append(count, ' '); }

}  // namespace

std::size_t display_width(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(utf8, [](char c) { return !is_continuation(c); }));
}

std::string harmless(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, '?');
  return text;
}

std::string Facts::text() const {
  std::size_t width = 0;
  for (const auto& [name, value] : rows_) width = std::max(width, display_width(name));
  std::string out;
  for (const auto& [name, value] : rows_) {
    out += harmless(name);
    pad(out, width - display_width(name) + 2);
    out += harmless(value) + "\n";
  }
  return out;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view align) {
  std::vector<std::size_t> widths(align.size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t space = widths[i] - display_width(row[i]);
      if (i > 0) pad(line, 2);
      if (align[i] == 'r') pad(line, space);
      line += harmless(row[i]);
      if (align[i] != 'r' && i + 1 < row.size()) pad(line, space);
    }
    out += line + "\n";
  }
  return out;
}

std::string thousands(std::int64_t value) {
  std::string digits = fmt::format("{}", value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t i = digits.size(); i > first + 3;) digits.insert(i -= 3, ",");
  return digits;
}

std::string human_bytes(std::int64_t bytes) {
  constexpr std::array kUnits = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string human_duration(double seconds) {
  if (!(seconds < 1e9)) return "?";
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole < 60) return fmt::format("{}s", whole);
  if (whole < 3600) return fmt::format("{}m{:02}s", whole / 60, whole % 60);
  return fmt::format("{}h{:02}m", whole / 3600, whole / 60 % 60);
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (std::size_t i = 0; i < text.size();) {
    const DecodedCodePoint point = decode_utf8(text, i);
    if (point.bytes == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else if (text[i] == '\n') {
      out += "\\n";
    } else if (text[i] == '\t') {
      out += "\\t";
    } else if (point.value < 0x20 || point.value == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(point.value));
    } else {
      out += text.substr(i, point.bytes);
    }
    i += std::max<std::size_t>(point.bytes, 1);
  }
  return out + "'";
}

}  // namespace recur::cli
