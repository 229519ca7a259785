// Quartiles of more numbers than fit into memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace recur {

// Calls its argument with the parts of sequences, [T, C] each, one after the other, and does so again, with the same
// parts, each time it is called.
using PartVisitor = std::function<void(std::span<const float>)>;
using PartSource = std::function<void(const PartVisitor&)>;

struct Quartiles {
  double lower = 0, median = 0, upper = 0;
};

// Of each of the C channels, missing values (NaN) aside; nothing for a channel without values. Exact, as quantile() of
// the sorted values: three passes over the parts narrow down the leading 11, 22 and 32 bits of the values that stand at
// the ranks in question (radix selection). 25 MB at most: with more than 256 channels there are more passes.
std::vector<std::optional<Quartiles>> quartiles(int64_t channels, const PartSource& parts);

}  // namespace recur
