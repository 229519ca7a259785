#include "recur/data/files/plain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "recur/base/ascii.h"
#include "recur/data/files/byte_word.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

bool is_control(uint32_t code) { return code < ' ' || (code >= 0x7F && code < 0xA0); }

// Spaces other than ' ', and what takes no room at all.
bool is_invisible(uint32_t code) {
  return code == 0xA0 || code == 0xAD || code == 0x1680 || (code >= 0x2000 && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202F) || (code >= 0x205F && code <= 0x2064) || code == 0x3000 || code == 0xFEFF;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

constexpr std::array<double, 23> kPowers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                         1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Takes a decimal number apart from its front: "-12.5e3" is the digits 125 times a power of ten, 2.
class Decimal {
 public:
  explicit Decimal(std::string_view cell) : at_(cell.data()), end_(at_ + cell.size()) {
    negative_ = take('-');
    const char* const begin = at_;
    take_digits();
    auto digits = at_ - begin;
    if (take('.')) {
      const char* const fraction = at_;
      take_digits();
      exponent_ = -static_cast<int>(at_ - fraction);
      digits += at_ - fraction;
    }
    usable_ = digits > 0 && digits <= kMostDigits;
    if (usable_ && (take('e') || take('E'))) take_exponent();
  }

  // The number, when it needs a single rounding (Clinger, "How to read floating point numbers accurately", 1990): the
  // digits and the power of ten are doubles as they stand. Nothing for other numbers and what is none.
  std::optional<double> exact() const {
    constexpr uint64_t kMostExact = uint64_t{1} << 53;
    const auto power = static_cast<size_t>(exponent_ < 0 ? -exponent_ : exponent_);
    if (!usable_ || at_ != end_ || digits_ > kMostExact || power >= kPowers.size()) return std::nullopt;
    const auto whole = static_cast<double>(digits_);
    const double value = exponent_ < 0 ? whole / kPowers[power] : whole * kPowers[power];
    return negative_ ? -value : value;
  }

 private:
  static constexpr std::ptrdiff_t kMostDigits = 18;  // that 64 bits hold, whatever they are

  bool take(char c) {
    const bool here = at_ != end_ && *at_ == c;
    at_ += here ? 1 : 0;
    return here;
  }
  void take_digits() {  // of too many, digits_ is not used
    for (; at_ != end_ && is_digit(*at_); ++at_) digits_ = digits_ * 10 + static_cast<uint64_t>(*at_ - '0');
  }
  void take_exponent() {
    const bool down = take('-');
    if (!down) take('+');
    const char* const begin = at_;
    int power = 0;
    for (; at_ != end_ && is_digit(*at_) && at_ - begin < 4; ++at_) power = power * 10 + (*at_ - '0');
    usable_ = at_ != begin;
    exponent_ += down ? -power : power;
  }

  const char *at_, *end_;
  uint64_t digits_ = 0;
  int exponent_ = 0;
  bool negative_ = false, usable_ = false;
};

constexpr uint64_t kZeros = internal::kOnes * '0';

// 1 to 8 characters as a word, with zeros before them.
uint64_t load_right(const char* from, size_t size) {
  if (size == 8) return internal::load_8(from);
  const size_t shift = 8 * (8 - size);
  const uint64_t zeros = kZeros >> (8 * size);
  if (size >= 4) return internal::load_4(from) << shift | internal::load_4(from + size - 4) << 32 | zeros;
  const auto byte = [&](size_t i) { return uint64_t{static_cast<unsigned char>(from[i])} << (shift + 8 * i); };
  return byte(0) | byte(size / 2) | byte(size - 1) | zeros;
}

bool all_digits(uint64_t word) {
  return (((word + internal::kOnes * 0x46) | (word - kZeros)) & internal::kHighBits) == 0;
}

// Of eight digits: pairs, then fours, then all (Lemire, "Number parsing at a gigabyte per second", 2021).
uint64_t value_of(uint64_t word) {
  word -= kZeros;
  word = word * 10 + (word >> 8);
  const uint64_t low = (word & 0x000000FF000000FF) * 0x000F424000000064;
  const uint64_t high = (word >> 16 & 0x000000FF000000FF) * 0x0000271000000001;
  return (low + high) >> 32 & 0xFFFFFFFF;
}

// Up to 16 digits with a point among them, without a branch for a digit. False for other numbers and what is none.
bool short_decimal(std::string_view cell, double& number) {
  const bool negative = cell.starts_with('-');
  const size_t size = cell.size() - (negative ? 1 : 0);
  const char* const from = cell.data() + (negative ? 1 : 0);
  if (size == 0 || size > 16) return false;
  uint64_t first = size > 8 ? load_right(from, size - 8) : kZeros;
  uint64_t last = size > 8 ? internal::load_8(from + size - 8) : load_right(from, size);
  // Takes the point out of a word, and moves what is before it up by a place.
  const auto close_up = [](uint64_t word, size_t place, uint64_t before) {
    const uint64_t below = ~uint64_t{0} << (8 * place);
    return (word & (below << 8)) | (word & ~below) << 8 | before;
  };
  size_t decimals = 0;
  if (const uint64_t points = internal::places_of('.', first); points != 0) {
    const size_t place = internal::first_place(points);
    decimals = 15 - place;
    first = close_up(first, place, '0');
  } else if (const uint64_t points_of_last = internal::places_of('.', last); points_of_last != 0) {
    if (size == 1) return false;
    const size_t place = internal::first_place(points_of_last);
    decimals = 7 - place;
    last = close_up(last, place, first >> 56);
    first = first << 8 | '0';
  }
  if (!all_digits(first) || !all_digits(last)) return false;
  const uint64_t digits = value_of(last) + (size > 8 ? value_of(first) * 100'000'000 : 0);
  constexpr uint64_t kMostExact = uint64_t{1} << 53;
  if (digits > kMostExact) return false;
  const double value = static_cast<double>(digits) / kPowers[decimals];
  number = negative ? -value : value;
  return true;
}

// What is too small for f64: 0, or as near to it as f64 goes.
std::optional<double> tiny(std::string_view cell) {
  long double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc() || end != cell.data() + cell.size() || std::abs(value) > 1) return std::nullopt;
  return static_cast<double>(value);
}

// With blanks, a sign, an exponent or more digits.
std::optional<double> other_number(std::string_view cell) {
  constexpr std::string_view kMinus = "\xE2\x88\x92";  // U+2212, as typesetters write it
  cell = trimmed(cell);
  if (cell.starts_with(kMinus)) {
    const std::string plain = "-" + std::string(cell.substr(kMinus.size()));
    return plain.starts_with("--") || plain.starts_with("-+") ? std::nullopt : other_number(plain);
  }
  if (cell.starts_with('+')) {
    cell.remove_prefix(1);
    if (cell.starts_with('-')) return std::nullopt;
  }
  if (const auto number = Decimal(cell).exact()) return number;
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error == std::errc::result_out_of_range) return tiny(cell);
  if (error != std::errc() || end != cell.data() + cell.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> cells_between_tabs(std::string_view line) {
  std::vector<std::string_view> cells;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find('\t', at), line.size());
    cells.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return cells;
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool parse_number(std::string_view cell, double& number) {
  if (short_decimal(cell, number)) return true;  // most numbers
  const auto other = other_number(cell);
  if (other) number = *other;
  return other.has_value();
}

std::optional<double> parse_number(std::string_view cell) {
  double number = 0;
  return parse_number(cell, number) ? std::optional(number) : std::nullopt;
}

namespace {

constexpr size_t kLongestShown = 40;

std::string readable(std::string_view cell) {
  std::string out;
  for (size_t at = 0; at < cell.size() && at < kLongestShown;) {
    const DecodedCodePoint point = decode_utf8(cell, at);
    const bool shown = point.bytes > 0 && !is_control(point.value);
    if (shown && is_invisible(point.value)) {
      out += fmt::format("<U+{:04X}>", static_cast<uint32_t>(point.value));
    } else {
      out += shown ? cell.substr(at, point.bytes) : std::string_view("?");
    }
    at += std::max<size_t>(point.bytes, 1);
  }
  return out;
}

// The first `most` of them, and how many there are more.
template <class Shown>
std::string first_of(std::span<const std::string> names, size_t most, Shown shown) {
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), most); ++i) out += (i > 0 ? ", " : "") + shown(names[i]);
  return out + (names.size() > most ? fmt::format(", ... and {} more", names.size() - most) : "");
}

}  // namespace

std::string quoted_cell(std::string_view cell) {
  return "'" + readable(cell) + (cell.size() > kLongestShown ? "'..." : "'");
}

std::string shortened(std::string_view text) { return readable(text) + (text.size() > kLongestShown ? "..." : ""); }

std::string listed(std::span<const std::string> names, size_t most) { return first_of(names, most, shortened); }

std::string listed_files(std::span<const std::string> files) {
  constexpr size_t kMost = 10;
  return first_of(files, kMost, [](const std::string& file) { return file; });
}

std::string files_text(std::span<const std::string> files) {
  return files.size() == 1 ? files.front() : fmt::format("{} files", files.size());
}

}  // namespace recur
