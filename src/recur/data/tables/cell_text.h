// What a cell of a table says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "recur/data/files/plain_text.h"

namespace recur {

// Empty, ?, NA, N/A, NaN, null, None (in any case), or blanks alone.
bool is_missing(std::string_view cell);

// "expected a number, got '3,5'", and what to do about a decimal comma.
std::string number_wanted(std::string_view cell);
// The sign of a currency or of hundredths beside the number in a cell such as $100, 10%; "" where there is none.
std::string sign_beside_number(std::string_view cell);

// "1" of "1.0" and "1.0000000e+00": labels that are whole numbers, as programs write them that know floats alone.
// Others are as they stand: "007" and "1E5" are codes.
std::string canonical_label(std::string_view label);

// 1 of true, 0 of false, in any case, as Python and spreadsheets write them.
std::optional<double> parse_boolean(std::string_view cell);

// Numbers are held as f32 and are scaled by differences and squares of them. What is beyond stands for something else,
// mostly for a missing value, as -3.4e38 of maps.
constexpr double kLargestNumber = 1e36;

// The marks within numbers: 1.234,5 has the decimal mark ',' and the thousands mark '.'.
struct NumberMarks {
  char decimal = '.';
  char thousands = '\0';  // none; ' ' stands for spaces of any kind

  bool operator==(const NumberMarks&) const = default;
  bool plain() const { return decimal == '.' && thousands == '\0'; }
};
// Of options: "" or "." or ","; "" or one of . , ' _ or "space". Throws UsageError for others and for equal ones.
NumberMarks number_marks(std::string_view decimal, std::string_view thousands);

// A number with such marks; nothing where thousands are not in groups of three. REQUIRES: marks that are not plain.
std::optional<double> parse_marked_number(std::string_view text, const NumberMarks& marks);

}  // namespace recur
