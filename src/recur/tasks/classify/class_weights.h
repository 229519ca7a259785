// How much examples count in the loss.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace recur {

// A weight for each of `count` classes, with mean 1 over the examples, whose classes are given: kind "balanced" in
// proportion to 1 / frequency, "sqrt" to its root; "none": empty, all count alike.
std::vector<float> class_weights(const std::vector<float>& classes, int64_t count, std::string_view kind);

// Of each example the weight of its class times its own, of `own` [N] or empty: 1; empty: all count alike.
std::vector<float> example_weights(const std::vector<float>& classes, int64_t count, std::string_view kind,
                                   std::vector<float> own);

}  // namespace recur
