#include "recur/tasks/denoise/moving_filters.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

constexpr int64_t kWidest = 129;

// to[t] = of(window around t), for each row.
template <class Of>
std::vector<float> over_windows(const Planes& x, int64_t width, const Of& of) {
  std::vector<float> out;
  out.reserve(x.values.size());
  const int64_t steps = x.shape.width, half = width / 2;
  for (int64_t first = 0; first < std::ssize(x.values); first += steps) {
    for (int64_t t = 0; t < steps; ++t) {
      const int64_t begin = std::max<int64_t>(t - half, 0), end = std::min(t + half + 1, steps);
      out.push_back(
          of(std::span(x.values).subspan(static_cast<size_t>(first + begin), static_cast<size_t>(end - begin))));
    }
  }
  return out;
}

using MovingFilter = std::vector<float> (*)(const Planes&, int64_t);

int64_t best_width(const PieceSource& pieces, MovingFilter filter) {
  int64_t best = 3;
  double least = 0;
  for (int64_t width = 3; width <= kWidest; width = 2 * width - 1) {
    std::vector<double> errors;
    for (int64_t i = 0; i < pieces.size; ++i) {
      const NoisyPiece piece = pieces.load(i);
      errors.push_back(error_at(piece.weights, filter(piece.noisy, width), piece.wanted.values));
    }
    const double error = mean_of_numbers(errors);
    if (width > 3 && !(error < least)) continue;
    best = width;
    least = error;
  }
  return best;
}

}  // namespace

std::vector<float> moving_average(const Planes& x, int64_t width) {
  return over_windows(x, width, [](std::span<const float> window) {
    double sum = 0;
    for (const float value : window) sum += static_cast<double>(value);
    return static_cast<float>(sum / static_cast<double>(window.size()));
  });
}

std::vector<float> moving_median(const Planes& x, int64_t width) {
  std::vector<float> room;
  return over_windows(x, width, [&](std::span<const float> window) {
    room.assign(window.begin(), window.end());
    const auto middle = room.begin() + std::ssize(room) / 2;
    std::ranges::nth_element(room, middle);
    if (room.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(room.begin(), middle)) / 2;
  });
}

std::string FilterWidths::to_text() const { return Json{{"median", median}, {"average", average}}.dump(); }

FilterWidths FilterWidths::from_text(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json) fail("expected a JSON object");
  const FilterWidths out{json->at("median").get<int64_t>(), json->at("average").get<int64_t>()};
  for (const int64_t width : {out.median, out.average}) {
    if (width < 1 || width > kWidest || width % 2 == 0) fail("expected odd widths of 1 .. {}, got {}", kWidest, width);
  }
  return out;
}

FilterWidths best_widths(const PieceSource& pieces) {
  return {.median = best_width(pieces, moving_median), .average = best_width(pieces, moving_average)};
}

std::vector<SimpleFilter> series_filters(const FilterWidths& widths) {
  return {{"a moving median", "median", [w = widths.median](const Planes& x) { return moving_median(x, w); }},
          {"a moving average", "average", [w = widths.average](const Planes& x) { return moving_average(x, w); }}};
}

}  // namespace recur
