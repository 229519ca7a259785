#include "recur/data/scaler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/suggest.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 5> kNames{"none", "standard", "minmax", "robust", "meanabs"};

std::optional<ScalerKind> find_kind(std::string_view name) {
  const auto* const at = std::ranges::find(kNames, name);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<ScalerKind>(at - kNames.begin());
}

// Neither shift nor scale may leave f32, nor may a scale that is rounding alone blow up noise.
Affine affine(double shift, double scale) {
  const double least = std::max(1e-7 * std::abs(shift), double{std::numeric_limits<float>::min()});
  const bool usable = std::isfinite(scale) && scale > least;
  return {static_cast<float>(shift), usable ? static_cast<float>(scale) : 1.0F};
}

// Calls visit(channel, x) for all that is there.
template <class Visit>
void for_each_value(const PartSource& parts, size_t channels, const Visit& visit) {
  parts([&](std::span<const float> part) {
    for (size_t i = 0; i < part.size(); i += channels) {
      for (size_t c = 0; c < channels; ++c) {
        if (!std::isnan(part[i + c])) visit(c, part[i + c]);
      }
    }
  });
}

std::vector<Affine> fit_robust(size_t channels, const PartSource& parts) {
  std::vector<Affine> maps;
  for (const auto& of_channel : quartiles(static_cast<int64_t>(channels), parts)) {
    maps.push_back(of_channel ? affine(of_channel->median, of_channel->upper - of_channel->lower) : Affine{});
  }
  return maps;
}

std::vector<Affine> fit_min_max(size_t channels, const PartSource& parts) {
  struct Range {
    float low = std::numeric_limits<float>::infinity(), high = -std::numeric_limits<float>::infinity();
  };
  std::vector<Range> ranges(channels);
  for_each_value(parts, channels, [&](size_t c, float x) {
    ranges[c].low = std::min(ranges[c].low, x);
    ranges[c].high = std::max(ranges[c].high, x);
  });
  std::vector<Affine> maps;
  for (const auto& [low, high] : ranges) maps.push_back(low <= high ? affine(low, double{high} - low) : Affine{});
  return maps;
}

std::vector<Affine> fit_standard(size_t channels, const PartSource& parts) {
  struct Sums {
    double count = 0, sum = 0, mean = 0, squares = 0;
  };
  std::vector<Sums> sums(channels);
  for_each_value(parts, channels, [&](size_t c, float x) {
    sums[c].sum += x;
    ++sums[c].count;
  });
  for (Sums& s : sums) s.mean = s.sum / s.count;
  for_each_value(parts, channels,
                 [&](size_t c, float x) { sums[c].squares += (x - sums[c].mean) * (x - sums[c].mean); });
  std::vector<Affine> maps;
  for (const Sums& s : sums) maps.push_back(s.count > 0 ? affine(s.mean, std::sqrt(s.squares / s.count)) : Affine{});
  return maps;
}

Affine mean_abs(std::span<const float> past, size_t channels, size_t channel) {
  double sum = 0;
  int64_t count = 0;
  for (size_t i = channel; i < past.size(); i += channels) {
    if (std::isnan(past[i])) continue;
    sum += std::abs(past[i]);
    ++count;
  }
  return count == 0 ? Affine{} : affine(0, sum / static_cast<double>(count));
}

}  // namespace

std::string_view scaler_name(ScalerKind kind) { return kNames[static_cast<size_t>(kind)]; }

ScalerKind scaler_from_name(std::string_view name) {
  if (const auto kind = find_kind(name)) return *kind;
  fail_usage("unknown scaler '{}'{}; scalers: {}", name, did_you_mean(name, kNames), fmt::join(kNames, ", "));
}

Scaler Scaler::fit(ScalerKind kind, int64_t channels, std::span<const std::span<const float>> parts) {
  return fit(kind, channels, [&](const PartVisitor& visit) {
    for (const auto& part : parts) visit(part);
  });
}

Scaler Scaler::fit(ScalerKind kind, int64_t channels, const PartSource& parts) {
  const auto width = static_cast<size_t>(channels);
  const PartSource whole_steps = [&](const PartVisitor& visit) {
    parts([&](std::span<const float> part) {
      if (part.size() % width != 0) fail("scaler: {} values are not whole steps of {} channels", part.size(), channels);
      visit(part);
    });
  };
  Scaler scaler;
  scaler.kind_ = kind;
  switch (kind) {
    case ScalerKind::kStandard:
      scaler.fitted_ = fit_standard(width, whole_steps);
      break;
    case ScalerKind::kMinMax:
      scaler.fitted_ = fit_min_max(width, whole_steps);
      break;
    case ScalerKind::kRobust:
      scaler.fitted_ = fit_robust(width, whole_steps);
      break;
    case ScalerKind::kNone:
    case ScalerKind::kMeanAbs:
      break;
  }
  return scaler;
}

std::vector<Affine> Scaler::maps(std::span<const float> past, int64_t channels) const {
  const auto width = static_cast<size_t>(channels);
  if (!fitted_.empty() && fitted_.size() != width) {
    fail("scaler: it was fitted on {} channels and is used on {}", fitted_.size(), channels);
  }
  if (!fitted_.empty()) return fitted_;
  std::vector<Affine> maps(width);
  if (!per_series()) return maps;
  for (size_t channel = 0; channel < width; ++channel) maps[channel] = mean_abs(past, width, channel);
  return maps;
}

std::string Scaler::to_text() const {
  std::vector<float> shifts, scales;
  for (const Affine& map : fitted_) {
    shifts.push_back(map.shift);
    scales.push_back(map.scale);
  }
  return Json{{"scaler", scaler_name(kind_)}, {"shift", shifts}, {"scale", scales}}.dump();
}

Scaler Scaler::from_text(std::string_view text, int64_t channels) try {
  const auto json = parse_json(text, 3);
  if (!json) fail("not JSON");
  const auto kind = find_kind(json->at("scaler").get<std::string>());
  if (!kind) fail("unknown scaler");
  const auto shifts = json->at("shift").get<std::vector<float>>(), scales = json->at("scale").get<std::vector<float>>();
  Scaler scaler;
  scaler.kind_ = *kind;
  const bool fitted = *kind != ScalerKind::kNone && !scaler.per_series();
  const size_t expected = fitted ? static_cast<size_t>(channels) : 0;
  if (shifts.size() != expected || scales.size() != expected) fail("expected {} channels", expected);
  for (size_t i = 0; i < expected; ++i) {
    const bool usable = std::isfinite(shifts[i]) && std::isfinite(scales[i]) && scales[i] > 0;
    if (!usable) fail("channel {}: shift {}, scale {}", i + 1, shifts[i], scales[i]);
    scaler.fitted_.push_back({shifts[i], scales[i]});
  }
  return scaler;
} catch (const std::exception& error) {
  fail("scaler: damaged description: {}", error.what());
}

void apply_maps(std::span<const Affine> maps, std::span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) values[i] = maps[i % maps.size()].apply(values[i]);
}

void invert_maps(std::span<const Affine> maps, std::span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) values[i] = maps[i % maps.size()].invert(values[i]);
}

}  // namespace recur
