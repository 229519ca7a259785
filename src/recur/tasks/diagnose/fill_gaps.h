// The inputs of the network for a record: values without gaps, masks and elapsed times.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace recur {

// All [T, C].
struct FilledRecord {
  std::vector<float> values;   // measured or filled in
  std::vector<float> masks;    // 1 where measured, else 0
  std::vector<float> elapsed;  // steps since the last measurement before this step, or since the begin where none was
};

// `values` [T, C], NaN where missing, in units where 0 is normal. `fill` as GapOptions::fill. elapsed is delta of Che
// et al. 2016: 0 at the first step, and at a step after a measured one 1.
FilledRecord fill_gaps(std::span<const float> values, int64_t channels, std::string_view fill);

}  // namespace recur
