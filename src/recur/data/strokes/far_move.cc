#include "recur/data/strokes/far_move.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "recur/base/log.h"

namespace recur {

void warn_of_far_move(std::span<const Writing> writings) {
  constexpr double kFar = 1000;
  std::vector<double> lengths;
  double longest = 0;
  const Writing* of = nullptr;
  size_t point = 0;
  for (const Writing& each : writings) {
    for (size_t i = 0; i < each.moves.size(); ++i) {
      const double length = std::hypot(double{each.moves[i].x}, double{each.moves[i].y});
      if (length > 0) lengths.push_back(length);
      if (length <= longest) continue;
      longest = length;
      of = &each;
      point = i;
    }
  }
  if (of == nullptr) return;
  const auto middle = lengths.begin() + (std::ssize(lengths) - 1) / 2;
  std::ranges::nth_element(lengths, middle);
  if (longest <= kFar * *middle) return;
  log_warning(
      "{}: strokes[{}]: a move of length {:.6g}, where the median of all moves is {:.6g}; it alone decides how moves "
      "are scaled",
      of->name, point, longest, *middle);
}

}  // namespace recur
