#include "recur/data/tables/cell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "recur/base/error.h"

namespace recur {

bool is_missing(std::string_view cell) {
  static constexpr std::array<std::string_view, 6> kWords{"?", "na", "n/a", "nan", "null", "none"};
  cell = trimmed(cell);
  if (cell.empty()) return true;
  constexpr size_t kLongest = 4;
  if (cell.size() > kLongest || (cell.back() >= '0' && cell.back() <= '9')) return false;
  return std::ranges::find(kWords, lower_ascii(cell)) != kWords.end();
}

std::string number_wanted(std::string_view cell) {
  std::string with_point(trimmed(cell));
  const size_t comma = with_point.find(',');
  if (comma != std::string::npos) with_point[comma] = '.';
  const bool decimal_comma = comma != std::string::npos && parse_number(with_point);
  const std::string sign = sign_beside_number(cell);
  return fmt::format("expected a number, got {}{}", quoted_cell(cell),
                     decimal_comma   ? "; decimals follow a point unless --decimal , is set"
                     : !sign.empty() ? fmt::format("; write it without the {}", sign)
                                     : "");
}

std::string sign_beside_number(std::string_view cell) {
  static constexpr std::array<std::string_view, 10> kSigns{
      "%", "$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5", "\xE2\x82\xB9", "\xC2\xB0", "\xE2\x80\xB0", "EUR", "USD"};
  cell = trimmed(cell);
  // As accountants write what is below zero.
  if (cell.size() > 2 && cell.front() == '(' && cell.back() == ')' && parse_number(cell.substr(1, cell.size() - 2))) {
    return fmt::format("parentheses (-{})", cell.substr(1, cell.size() - 2));
  }
  for (const std::string_view sign : kSigns) {
    const bool negative = cell.starts_with('-') && cell.substr(1).starts_with(sign);
    const std::string_view behind = cell.substr(negative ? 1 : 0);
    std::string_view number;
    if (behind.starts_with(sign)) number = behind.substr(sign.size());
    if (cell.ends_with(sign)) number = cell.substr(0, cell.size() - sign.size());
    std::string digits(trimmed(number));
    std::erase(digits, ',');
    if (!digits.empty() && parse_number(digits)) return std::string(sign);
  }
  return "";
}

std::string canonical_label(std::string_view label) {
  label = trimmed(label);
  const size_t first = label.starts_with('-') ? 1 : 0;
  const size_t point = label.find('.');
  // Digits, a point, and no more than digits, or with an exponent behind a single digit, as %e writes.
  if (point == std::string_view::npos || point == first) return std::string(label);
  if (label.substr(first, point - first).find_first_not_of("0123456789") != std::string_view::npos) {
    return std::string(label);
  }
  const size_t rest = label.find_first_not_of("0123456789", point + 1);
  if (rest == std::string_view::npos) {
    const bool whole = label.find_first_not_of('0', point + 1) == std::string_view::npos;
    const std::string_view digits = label.substr(0, point);
    return std::string(!whole ? label : digits == "-0" ? digits.substr(1) : digits);
  }
  const auto number = parse_number(label);
  constexpr double kWhole = 1e15;  // beyond it a double no longer tells neighbours apart
  const bool exponent = (label[rest] == 'e' || label[rest] == 'E') && point == first + 1;
  if (!exponent || !number || *number != std::floor(*number) || std::abs(*number) > kWhole) return std::string(label);
  return fmt::format("{}", static_cast<long long>(*number));
}

std::optional<double> parse_boolean(std::string_view cell) {
  constexpr size_t kTrue = 4, kFalse = 5;
  cell = trimmed(cell);
  if (cell.size() == kTrue && lower_ascii(cell) == "true") return 1;
  if (cell.size() == kFalse && lower_ascii(cell) == "false") return 0;
  return std::nullopt;
}

NumberMarks number_marks(std::string_view decimal, std::string_view thousands) {
  if (!decimal.empty() && decimal != "." && decimal != ",") {
    fail_usage("decimal: expected . or , got '{}'", decimal);
  }
  const bool one = thousands.size() == 1 && std::string_view(".,'_").find(thousands) != std::string_view::npos;
  if (!thousands.empty() && !one && thousands != "space") {
    fail_usage("thousands: expected one of . , ' _ or space, got '{}'", thousands);
  }
  NumberMarks marks;
  if (!decimal.empty()) marks.decimal = decimal[0];
  if (!thousands.empty()) marks.thousands = one ? thousands[0] : ' ';
  // Who says that thousands have points means decimals with a comma.
  if (decimal.empty() && marks.thousands == '.') marks.decimal = ',';
  if (marks.decimal == marks.thousands)
    fail_usage("decimal and thousands: expected two different marks, got '{}'", decimal);
  return marks;
}

std::optional<double> parse_marked_number(std::string_view text, const NumberMarks& marks) {
  constexpr size_t kGroup = 3;
  static constexpr std::array<std::string_view, 4> kSpaces{" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};
  text = trimmed(text);
  const auto mark_length = [&](std::string_view rest) -> size_t {
    if (marks.thousands == '\0') return 0;
    if (marks.thousands != ' ') return rest.starts_with(marks.thousands) ? 1 : 0;
    const auto* const space =
        std::ranges::find_if(kSpaces, [rest](std::string_view each) { return rest.starts_with(each); });
    return space == kSpaces.end() ? 0 : space->size();
  };
  std::string plain;
  size_t in_group = 0, groups = 0;
  bool fraction = false;
  for (size_t i = 0; i < text.size();) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    const size_t mark = fraction || digit ? 0 : mark_length(text.substr(i));
    if (mark > 0) {
      const bool good = groups == 0 ? in_group >= 1 && in_group <= kGroup : in_group == kGroup;
      if (!good) return std::nullopt;
      ++groups;
      in_group = 0;
      i += mark;
      continue;
    }
    if (!digit && text[i] == '.' && marks.decimal != '.') return std::nullopt;
    const bool whole_ends = !fraction && (text[i] == marks.decimal || text[i] == 'e' || text[i] == 'E');
    if (whole_ends && groups > 0 && in_group != kGroup) return std::nullopt;
    fraction = fraction || whole_ends;
    in_group += digit ? 1 : 0;
    plain += text[i] == marks.decimal ? '.' : text[i];
    ++i;
  }
  if (!fraction && groups > 0 && in_group != kGroup) return std::nullopt;
  return parse_number(plain);
}

}  // namespace recur
