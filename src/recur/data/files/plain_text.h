// Texts in files: blanks around them, numbers in them, and how messages show them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

std::string_view trimmed(std::string_view text);  // without spaces and tabs around it
// The parts of a line between its tabs, at least one, empty ones too.
std::vector<std::string_view> cells_between_tabs(std::string_view line);

std::string lower_ascii(std::string_view text);

// A decimal number; blanks around it, a leading + and U+2212 for - allowed. Nothing for all else: infinities, NaN,
// hexadecimal, digits with separators, numbers beyond f64. Those too small for f64 are 0.
std::optional<double> parse_number(std::string_view text);
// The same for loops over many numbers, which go through a register; false for anything else.
bool parse_number(std::string_view text, double& number);

// A cell in quotes for a message, shortened, with control characters as '?' and invisible ones by their
// numbers, such as <U+00A0>.
std::string quoted_cell(std::string_view cell);
// The same without quotes: for names of columns, ids, labels and whatever else comes from a file.
std::string shortened(std::string_view text);
// "a, b, c" of them, shortened, and of many the first alone: "a, b, ... and 8 more".
std::string listed(std::span<const std::string> names, size_t most = 30);
// Names of files in full, and of many the first alone.
std::string listed_files(std::span<const std::string> files);
std::string files_text(std::span<const std::string> files);  // the name of the only one, or "12 files"

}  // namespace recur
