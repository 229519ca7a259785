#include "recur/tasks/denoise/noise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/tasks/forecast/draws.h"

namespace recur {
namespace {

void check_levels(const char* name, const std::vector<int64_t>& levels) {
  if (levels.size() > 2 || (levels.size() == 2 && levels[0] > levels[1])) {
    fail_usage("{}: expected one number, or the least and the greatest, got {}", name, fmt::join(levels, ","));
  }
}

double draw_level(const std::vector<int64_t>& levels, Random& random) {
  const auto low = static_cast<double>(levels.front()), high = static_cast<double>(levels.back());
  return low + (high - low) * random.uniform64();
}

void add_gaussian(std::span<float> values, double standard_deviation, Random& random) {
  const auto deviation = static_cast<float>(standard_deviation);
  std::vector<float> normal(values.size());
  random.normal(normal);
  for (size_t i = 0; i < values.size(); ++i) values[i] += deviation * normal[i];
}

void add_impulses(std::span<float> values, double percent, const NoiseScale& scale, Random& random) {
  const double share = percent / 100;
  for (float& value : values) {
    const double drawn = random.uniform64();
    if (drawn < share && !std::isnan(value)) value = drawn < share / 2 ? scale.least : scale.greatest;
  }
}

}  // namespace

void check_noise(const DenoiseNoiseOptions& options) {
  check_levels("level", options.level);
  check_levels("impulses", options.impulses);
  if (options.kind == "mixed" && options.impulses.empty()) fail_usage("impulses: expected one number or two, got none");
  const std::vector<int64_t> levels = levels_of(options);
  if (options.kind == "salt-pepper" && levels.back() > 100) {
    fail_usage("level: expected a percentage of salt-pepper noise, got {}", levels.back());
  }
  if (options.kind == "poisson" && levels.front() < 1) fail_usage("level: expected at least 1 photon, got 0");
}

std::vector<int64_t> levels_of(const DenoiseNoiseOptions& options) {
  if (!options.level.empty()) return options.level;
  if (options.kind == "salt-pepper") return {2, 25};
  if (options.kind == "poisson") return {10, 200};
  if (options.kind == "mixed") return {5, 30};
  return {5, 55};
}

void add_noise(std::span<float> values, const DenoiseNoiseOptions& options, Random& random, const NoiseScale& scale) {
  const double level = draw_level(levels_of(options), random);
  if (options.kind == "salt-pepper") {
    add_impulses(values, level, scale, random);
  } else if (options.kind == "poisson") {
    for (float& value : values) {
      const double mean = std::max(static_cast<double>(value), 0.0) * level;
      value = static_cast<float>(draw_poisson(mean, random) / level);
    }
  } else {
    add_gaussian(values, level * scale.unit, random);
    if (options.kind == "mixed") add_impulses(values, draw_level(options.impulses, random), scale, random);
  }
  if (!options.cut || !scale.bounded) return;
  for (float& value : values) value = std::clamp(value, 0.0f, 1.0f);
}

}  // namespace recur
