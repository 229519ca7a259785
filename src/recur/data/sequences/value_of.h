// What a number of a file becomes as the value of a channel. For the readers' sources alone.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "recur/data/sequences/sequence_set.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/digit_loss.h"
#include "recur/data/tables/table.h"

namespace recur::internal {

// The number that the option `missing` names, for files whose numbers are no text.
inline std::optional<double> missing_number(std::string_view missing) { return parse_number(missing); }

// "3e+38 is beyond the range of numbers here (1e+36)".
inline std::string beyond_range(double value) {
  return fmt::format(
      "{} is beyond the range of numbers here ({:g}); if it means a missing value, leave it empty, or train with "
      "missing set to it",
      value, kLargestNumber);
}

// Whether a value that is not 0 is too small for the digits of f32, or for f32 at all.
inline bool is_tiny(double value) { return value != 0 && std::abs(value) < double{std::numeric_limits<float>::min()}; }

// "a.csv:3: 12 values from here on are below 1e-38 ..."
std::string tiny_note(const std::string& place, int64_t count);

// What f64 values become, which are counted where they are tiny.
class TinyValues {
 public:
  // `line`: where the value stands, 0 where files have no lines.
  float rounded(double value, int64_t line) {
    if (is_tiny(value) && count_++ == 0) first_ = line;
    return static_cast<float>(value);
  }
  void note(SequenceSet& set) const;  // adds one, if there are any

 private:
  int64_t count_ = 0, first_ = 0;
};

// Of a channel whose first values are known, with what comes before each, [T, C] row-major: sets offsets in the
// channels and columns of the set, and notes them. `keep_level`: only notes that digits are lost.
void choose_offsets(SequenceSet& set, std::span<const double> values, bool keep_level);

}  // namespace recur::internal
