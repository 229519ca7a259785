// What a cell of a table says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace recur {

std::string_view trimmed(std::string_view text);  // without spaces and tabs around it

std::string lower_ascii(std::string_view text);

// Empty, ?, NA, N/A, NaN, null, None (in any case), or blanks alone.
bool is_missing(std::string_view cell);

// A decimal number, blanks around it and a leading + allowed. Nothing for anything else: infinities, NaN, hexadecimal,
// digits with separators, numbers beyond f64. Those too small for f64 are 0.
std::optional<double> parse_number(std::string_view cell);

// The cell in quotes for a message, shortened, with control characters as '?' and invisible ones by their
// numbers, such as <U+00A0>.
std::string quoted_cell(std::string_view cell);

// "expected a number, got '3,5'", and what to do about a decimal comma.
std::string number_wanted(std::string_view cell);

// "1" of "1.0000000e+00": labels that are whole numbers, as programs write them that know floats alone. Others as they
// are.
std::string canonical_label(std::string_view label);

}  // namespace recur
