// Moving averages and medians of series: what a denoiser of series has to beat.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/denoise/denoise_score.h"
#include "recur/tasks/denoise/noisy_piece.h"

namespace recur {

// Of the values within `width` steps (odd) around each, as many as there are at the ends; of each row.
std::vector<float> moving_average(const Planes& x, int64_t width);
std::vector<float> moving_median(const Planes& x, int64_t width);

struct FilterWidths {
  int64_t median = 5, average = 5;  // in steps, odd

  std::string to_text() const;                           // JSON
  static FilterWidths from_text(std::string_view text);  // throws Error: it may come from anyone
};

// Those of 3, 5, 9, ... 129 steps whose mean squared error is least where the pieces have weights.
FilterWidths best_widths(const PieceSource& pieces);

std::vector<SimpleFilter> series_filters(const FilterWidths& widths);

}  // namespace recur
