// What a cell of a table says.
#pragma once

#include <string>
#include <string_view>

#include "recur/data/files/plain_text.h"

namespace recur {

// Empty, ?, NA, N/A, NaN, null, None (in any case), or blanks alone.
bool is_missing(std::string_view cell);

// "expected a number, got '3,5'", and what to do about a decimal comma.
std::string number_wanted(std::string_view cell);

// "1" of "1.0000000e+00": labels that are whole numbers, as programs write them that know floats alone. Others as they
// are.
std::string canonical_label(std::string_view label);

}  // namespace recur
