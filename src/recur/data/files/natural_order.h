// The order that people give names with numbers: 2.csv before 10.csv.
#pragma once

#include <string_view>

namespace recur {

// Runs of digits compare as numbers, all else by its bytes; equal numbers of different lengths by their bytes.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace recur
