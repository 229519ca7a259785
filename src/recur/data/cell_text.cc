#include "recur/data/cell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "recur/data/utf8.h"

namespace recur {
namespace {

constexpr std::string_view kBlanks = " \t";

}  // namespace

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool is_missing(std::string_view cell) {
  static constexpr std::array<std::string_view, 6> kWords{"?", "na", "n/a", "nan", "null", "none"};
  cell = trimmed(cell);
  if (cell.empty()) return true;
  constexpr size_t kLongest = 4;
  return cell.size() <= kLongest && std::ranges::find(kWords, lower_ascii(cell)) != kWords.end();
}

std::optional<double> parse_number(std::string_view cell) {
  cell = trimmed(cell);
  if (cell.starts_with('+')) {
    cell.remove_prefix(1);
    if (cell.starts_with('-')) return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string quoted_cell(std::string_view cell) {
  constexpr size_t kLongest = 40;
  std::string out = "'";
  for (size_t at = 0; at < cell.size() && at < kLongest;) {
    const DecodedCodePoint point = decode_utf8(cell, at);
    const bool readable = point.bytes > 0 && point.value >= ' ' && !(point.value >= 0x7F && point.value < 0xA0);
    out += readable ? cell.substr(at, point.bytes) : std::string_view("?");
    at += std::max<size_t>(point.bytes, 1);
  }
  return out + (cell.size() > kLongest ? "'..." : "'");
}

std::string canonical_label(std::string_view label) {
  label = trimmed(label);
  const auto number = parse_number(label);
  constexpr double kWhole = 1e15;  // beyond it a double no longer tells neighbours apart
  if (!number || *number != std::floor(*number) || std::abs(*number) > kWhole) return std::string(label);
  return fmt::format("{}", static_cast<long long>(*number));
}

}  // namespace recur
