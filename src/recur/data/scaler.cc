#include "recur/data/scaler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/quantile.h"
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

template <class Visit>
void for_each_value(std::span<const std::span<const float>> parts, size_t channels, size_t channel,
                    const Visit& visit) {
  for (const auto& part : parts) {
    for (size_t i = channel; i < part.size(); i += channels) {
      if (!std::isnan(part[i])) visit(part[i]);
    }
  }
}

using Values = std::vector<float>;

Affine fit_robust(Values values) {
  std::ranges::sort(values);
  const std::span<const float> sorted(values);
  return affine(quantile(sorted, 0.5), quantile(sorted, 0.75) - quantile(sorted, 0.25));
}

Affine fit_min_max(const Values& values) {
  const auto [low, high] = std::ranges::minmax(values);
  return affine(low, double{high} - low);
}

Affine fit_standard(const Values& values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const float x : values) sum += x;
  const double mean = sum / count;
  for (const float x : values) squares += (x - mean) * (x - mean);
  return affine(mean, std::sqrt(squares / count));
}

Affine fit_channel(ScalerKind kind, Values values) {
  if (values.empty()) return {};
  switch (kind) {
    case ScalerKind::kStandard:
      return fit_standard(values);
    case ScalerKind::kMinMax:
      return fit_min_max(values);
    case ScalerKind::kRobust:
      return fit_robust(std::move(values));
    case ScalerKind::kNone:
    case ScalerKind::kMeanAbs:
      break;
  }
  return {};
}

Affine mean_abs(std::span<const float> past, size_t channels, size_t channel) {
  double sum = 0;
  int64_t count = 0;
  const std::array parts{past};
  for_each_value(parts, channels, channel, [&](float x) {
    sum += std::abs(x);
    ++count;
  });
  return count == 0 ? Affine{} : affine(0, sum / static_cast<double>(count));
}

}  // namespace

std::string_view scaler_name(ScalerKind kind) { return kNames[static_cast<size_t>(kind)]; }

ScalerKind scaler_from_name(std::string_view name) {
  if (const auto kind = find_kind(name)) return *kind;
  fail_usage("unknown scaler '{}'{}; scalers: {}", name, did_you_mean(name, kNames), fmt::join(kNames, ", "));
}

Scaler Scaler::fit(ScalerKind kind, int64_t channels, std::span<const std::span<const float>> parts) {
  const auto width = static_cast<size_t>(channels);
  for (const auto& part : parts) {
    if (part.size() % width != 0) fail("scaler: {} values are no steps of {} channels", part.size(), channels);
  }
  Scaler scaler;
  scaler.kind_ = kind;
  if (kind == ScalerKind::kNone || scaler.per_series()) return scaler;
  for (size_t channel = 0; channel < width; ++channel) {
    Values values;
    for_each_value(parts, width, channel, [&](float x) { values.push_back(x); });
    scaler.fitted_.push_back(fit_channel(kind, std::move(values)));
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
