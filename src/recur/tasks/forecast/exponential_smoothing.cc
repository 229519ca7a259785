#include "recur/tasks/forecast/exponential_smoothing.h"

#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"

namespace recur {

Smoothed smooth(const Tensor& y, const SmoothingParameters& parameters) {
  const bool seasonal = parameters.seasonals.defined();
  Tensors levels, seasonals;
  for (int64_t k = 0; seasonal && k < parameters.seasonals.size(0); ++k) {
    seasonals.push_back(row(parameters.seasonals, k));
  }
  const Tensor keep_level = 1.0 - parameters.level;
  const Tensor keep_season = seasonal ? 1.0 - parameters.season : Tensor();
  for (int64_t t = 0; t < y.size(0); ++t) {
    const Tensor value = row(y, t);
    const Tensor level = seasonal ? value / seasonals[static_cast<size_t>(t)] : value;
    levels.push_back(t == 0 ? level : parameters.level * level + keep_level * levels.back());
    if (!seasonal) continue;
    seasonals.push_back(parameters.season * (value / levels.back()) + keep_season * seasonals[static_cast<size_t>(t)]);
  }
  return {.levels = stack(levels), .seasonals = seasonal ? stack(seasonals) : Tensor()};
}

}  // namespace recur
