#pragma once

#include <algorithm>
#include <cstddef>
#include <ranges>
#include <vector>

namespace recur {

// At most `most` of them, evenly spread, in their order.
template <std::ranges::random_access_range Range>
std::vector<std::ranges::range_value_t<Range>> spread(const Range& all, size_t most) {
  std::vector<std::ranges::range_value_t<Range>> some;
  const size_t size = std::ranges::size(all), count = std::min(size, most);
  for (size_t k = 0; k < count; ++k)
    some.push_back(std::ranges::begin(all)[static_cast<std::ptrdiff_t>(k * size / count)]);
  return some;
}

}  // namespace recur
