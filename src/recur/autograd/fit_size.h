// From the values of an integer at several sizes to what it is at any.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "recur/autograd/size.h"

namespace recur {

// Sizes to measure at: `count` of them, each axis at many different values, the first at consecutive ones.
std::vector<AxisSizes> sizes_to_fit_at(const std::vector<std::string>& axes);

// The one form that gives values[i] at sizes[i] for all i: a number; else a sum of products of different axes with
// integer coefficients (for two axes a + bT + cB + dTB); else the same with ceil((T + shift) / divisor) in the place of
// one of the axes, divisor 2 .. 9. None when no form fits, or more than one does.
std::optional<Size> fit_size(const std::vector<AxisSizes>& sizes, std::span<const int64_t> values);

}  // namespace recur
