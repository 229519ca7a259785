#include "recur/data/tables/cell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "recur/data/text/utf8.h"

namespace recur {
namespace {

constexpr std::string_view kBlanks = " \t";

bool is_control(uint32_t code) { return code < ' ' || (code >= 0x7F && code < 0xA0); }

// Spaces other than ' ', and what takes no room at all.
bool is_invisible(uint32_t code) {
  return code == 0xA0 || code == 0xAD || code == 0x1680 || (code >= 0x2000 && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202F) || (code >= 0x205F && code <= 0x2064) || code == 0x3000 || code == 0xFEFF;
}

// What is too small for f64: 0, or as near to it as f64 goes.
std::optional<double> tiny(std::string_view cell) {
  long double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || std::abs(value) > 1) return std::nullopt;
  return static_cast<double>(value);
}

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
  if (error == std::errc::result_out_of_range) return tiny(cell);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string quoted_cell(std::string_view cell) {
  constexpr size_t kLongest = 40;
  std::string out = "'";
  for (size_t at = 0; at < cell.size() && at < kLongest;) {
    const DecodedCodePoint point = decode_utf8(cell, at);
    const bool readable = point.bytes > 0 && !is_control(point.value);
    if (readable && is_invisible(point.value)) {
      out += fmt::format("<U+{:04X}>", static_cast<uint32_t>(point.value));
    } else {
      out += readable ? cell.substr(at, point.bytes) : std::string_view("?");
    }
    at += std::max<size_t>(point.bytes, 1);
  }
  return out + (cell.size() > kLongest ? "'..." : "'");
}

std::string number_wanted(std::string_view cell) {
  std::string with_point(trimmed(cell));
  const size_t comma = with_point.find(',');
  if (comma != std::string::npos) with_point[comma] = '.';
  const bool decimal_comma = comma != std::string::npos && parse_number(with_point);
  return fmt::format("expected a number, got {}{}", quoted_cell(cell),
                     decimal_comma ? "; decimals stand behind a point" : "");
}

std::string canonical_label(std::string_view label) {
  label = trimmed(label);
  const auto number = parse_number(label);
  constexpr double kWhole = 1e15;  // beyond it a double no longer tells neighbours apart
  if (!number || *number != std::floor(*number) || std::abs(*number) > kWhole) return std::string(label);
  return fmt::format("{}", static_cast<long long>(*number));
}

}  // namespace recur
