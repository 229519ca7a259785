#include "recur/tasks/recognize/clip_augment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "recur/base/moments.h"
#include "recur/data/images/picture_augment.h"

namespace recur {
namespace {

constexpr double kLeastShare = 0.75, kWarped = 0.2;  // of the time
constexpr int64_t kLeastToStretch = 6;               // frames of a clip that may be stretched
constexpr double kMostTurn = 15;                     // degrees
constexpr float kChannelNoise = 0.05f, kChannelScale = 0.1f, kBodyNoise = 0.01f, kBodyScale = 0.1f;

using Pairs = std::vector<std::pair<int64_t, int64_t>>;
using Turn = std::array<std::array<double, 3>, 3>;

// A part of the time, drawn out to as many frames.
RawClip cut_time(const RawClip& clip, int64_t numbers, Random& random) {
  const double all = static_cast<double>(clip.steps - 1);
  const double part = all * (kLeastShare + (1 - kLeastShare) * random.uniform64());
  const double begin = (all - part) * random.uniform64();
  std::vector<double> at(static_cast<size_t>(clip.steps));
  for (int64_t t = 0; t < clip.steps; ++t) {
    at[static_cast<size_t>(t)] = begin + part * static_cast<double>(t) / all;
  }
  return frames_at(clip, at, numbers);
}

// A window at another speed, and all drawn out to as many frames.
RawClip warp_time(const RawClip& clip, int64_t numbers, Random& random) {
  const double all = static_cast<double>(clip.steps - 1), window = all * kWarped;
  const double begin = (all - window) * random.uniform64(), speed = random.bernoulli(0.5) ? 1.8 : 0.55;
  const double inside = window / speed, whole = all - window + inside;
  std::vector<double> at(static_cast<size_t>(clip.steps));
  for (int64_t t = 0; t < clip.steps; ++t) {
    const double place = whole * static_cast<double>(t) / all;
    at[static_cast<size_t>(t)] = place <= begin            ? place
                                 : place <= begin + inside ? begin + (place - begin) * speed
                                                           : place - inside + window;
  }
  return frames_at(clip, at, numbers);
}

// By Rodrigues' formula, about an axis that is drawn.
Turn random_turn(Random& random) {
  std::array<double, 3> axis{};
  double length = 0;
  while (length < 1e-6) {
    length = 0;
    for (double& value : axis) {
      value = static_cast<double>(random.normal());
      length += value * value;
    }
  }
  for (double& value : axis) value /= std::sqrt(length);
  const double angle = (2 * random.uniform64() - 1) * kMostTurn * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  const auto& [x, y, z] = axis;
  return {{{c + x * x * (1 - c), x * y * (1 - c) - z * s, x * z * (1 - c) + y * s},
           {y * x * (1 - c) + z * s, c + y * y * (1 - c), y * z * (1 - c) - x * s},
           {z * x * (1 - c) - y * s, z * y * (1 - c) + x * s, c + z * z * (1 - c)}}};
}

// Points [n, 3] in place.
void turn_points(std::span<float> values, const Turn& turn) {
  for (size_t i = 0; i + 3 <= values.size(); i += 3) {
    const std::array<double, 3> point{values[i], values[i + 1], values[i + 2]};
    for (size_t a = 0; a < 3; ++a) {
      values[i + a] = static_cast<float>(turn[a][0] * point[0] + turn[a][1] * point[1] + turn[a][2] * point[2]);
    }
  }
}

// Points in their plane about their mean over the clip.
void turn_plane(std::span<float> values, Random& random) {
  const double angle = (2 * random.uniform64() - 1) * kMostTurn * std::numbers::pi / 180;
  const double c = std::cos(angle), s = std::sin(angle);
  double x = 0, y = 0;
  for (size_t i = 0; i + 2 <= values.size(); i += 2) x += values[i], y += values[i + 1];
  const size_t points = std::max<size_t>(values.size() / 2, 1);
  x /= static_cast<double>(points), y /= static_cast<double>(points);
  for (size_t i = 0; i + 2 <= values.size(); i += 2) {
    const double dx = values[i] - x, dy = values[i + 1] - y;
    values[i] = static_cast<float>(x + c * dx - s * dy);
    values[i + 1] = static_cast<float>(y + s * dx + c * dy);
  }
}

// How far coordinates are from their mean over the clip, along each axis, on average: the unit of noise.
float body_spread(std::span<const float> values, int64_t dimensions) {
  double squares = 0;
  std::vector<float> axis;
  for (size_t d = 0; d < static_cast<size_t>(dimensions); ++d) {
    axis.clear();
    for (size_t i = d; i < values.size(); i += static_cast<size_t>(dimensions)) axis.push_back(values[i]);
    const double deviation = moments_of(axis).deviation;
    squares += deviation * deviation;
  }
  return static_cast<float>(std::sqrt(squares / static_cast<double>(dimensions)));
}

void mirror_skeleton(std::span<float> values, const ClipShape& shape, const Pairs& pairs) {
  const auto D = static_cast<size_t>(shape.dimensions), numbers = static_cast<size_t>(shape.numbers());
  double mean = 0;
  for (size_t i = 0; i < values.size(); i += D) mean += values[i];
  const size_t joints = std::max<size_t>(values.size() / D, 1);
  mean /= static_cast<double>(joints);
  for (size_t i = 0; i < values.size(); i += D) values[i] = static_cast<float>(2 * mean - values[i]);
  for (size_t at = 0; at + numbers <= values.size(); at += numbers) {
    for (const auto& [a, b] : pairs) {
      const auto one = values.subspan(at + static_cast<size_t>(a) * D, D);
      std::swap_ranges(one.begin(), one.end(), values.subspan(at + static_cast<size_t>(b) * D, D).begin());
    }
  }
}

// Joints that stay where they were first.
void drop_joints(std::span<float> values, const ClipShape& shape, Random& random) {
  const auto D = static_cast<size_t>(shape.dimensions), numbers = static_cast<size_t>(shape.numbers());
  const uint64_t dropped = 1 + random.below(static_cast<uint64_t>(std::max<int64_t>(shape.joints / 8, 1)));
  for (uint64_t k = 0; k < dropped; ++k) {
    const size_t begin = random.below(static_cast<uint64_t>(shape.joints)) * D;
    for (size_t at = begin; at + D <= values.size(); at += numbers) {
      std::copy_n(values.begin() + static_cast<int64_t>(begin), D, values.begin() + static_cast<int64_t>(at));
    }
  }
}

void change_skeleton(std::span<float> values, const ClipShape& shape, const ClipAugmentOptions& options,
                     const Pairs& mirrored, Random& random) {
  const auto drawn = [&](const char* kind) { return options.has(kind) && random.bernoulli(0.5); };
  if (drawn("rotate")) {
    if (shape.dimensions == 3) turn_points(values, random_turn(random));
    if (shape.dimensions == 2) turn_plane(values, random);
  }
  if (drawn("mirror")) mirror_skeleton(values, shape, mirrored);
  if (drawn("drop")) drop_joints(values, shape, random);
  if (drawn("scale")) {
    // Each axis about its mean: people are tall and short, broad and slim.
    const auto D = static_cast<size_t>(shape.dimensions);
    for (size_t d = 0; d < D; ++d) {
      const float factor = 1 + kBodyScale * random.normal();
      double mean = 0;
      for (size_t i = d; i < values.size(); i += D) mean += values[i];
      const size_t joints = std::max<size_t>(values.size() / D, 1);
      mean /= static_cast<double>(joints);
      for (size_t i = d; i < values.size(); i += D) {
        values[i] = static_cast<float>(mean) + factor * (values[i] - static_cast<float>(mean));
      }
    }
  }
  if (drawn("jitter")) {
    const float noise = kBodyNoise * body_spread(values, shape.dimensions);
    for (float& value : values) value += noise * random.normal();
  }
}

}  // namespace

RawClip frames_at(const RawClip& clip, std::span<const double> at, int64_t numbers) {
  RawClip out{.values = {}, .labels = {}, .steps = std::ssize(at)};
  out.values.reserve(at.size() * static_cast<size_t>(numbers));
  for (const double place : at) {
    const int64_t before = std::clamp<int64_t>(static_cast<int64_t>(place), 0, clip.steps - 1);
    const int64_t after = std::min(before + 1, clip.steps - 1);
    const auto share = static_cast<float>(std::clamp(place - static_cast<double>(before), 0.0, 1.0));
    const float* low = clip.values.data() + before * numbers;
    const float* high = clip.values.data() + after * numbers;
    for (int64_t i = 0; i < numbers; ++i) {
      out.values.push_back(share == 0 ? low[i] : low[i] + share * (high[i] - low[i]));
    }
    if (!clip.labels.empty()) out.labels.push_back(clip.labels[static_cast<size_t>(share < 0.5f ? before : after)]);
  }
  return out;
}

void change_clip(RawClip& clip, const ClipShape& shape, const ClipAugmentOptions& options, const Pairs& mirrored,
                 Random& random) {
  const auto drawn = [&](const char* kind) { return options.has(kind) && random.bernoulli(0.5); };
  const bool is_long = clip.steps >= kLeastToStretch;
  if (is_long && drawn("crop")) clip = cut_time(clip, shape.numbers(), random);
  if (is_long && drawn("warp")) clip = warp_time(clip, shape.numbers(), random);
  switch (shape.kind) {
    case ClipKind::kSensors:
      if (shape.channels % 3 == 0 && drawn("rotate")) turn_points(clip.values, random_turn(random));
      break;
    case ClipKind::kSkeleton:
      change_skeleton(clip.values, shape, options, mirrored, random);
      break;
    case ClipKind::kFrames:
      change_pictures(clip.values, {shape.height, shape.width, shape.channels}, options.kinds, random);
      break;
  }
}

void change_scaled(std::span<float> values, int64_t features, int64_t channels, const ClipAugmentOptions& options,
                   Random& random) {
  const auto drawn = [&](const char* kind) { return options.has(kind) && random.bernoulli(0.5); };
  const auto F = static_cast<size_t>(features);
  if (drawn("scale")) {
    for (size_t c = 0; c < static_cast<size_t>(channels); ++c) {
      const float factor = 1 + kChannelScale * random.normal();
      for (size_t i = c; i < values.size(); i += F) values[i] *= factor;
    }
  }
  if (drawn("jitter")) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (i % F < static_cast<size_t>(channels)) values[i] += kChannelNoise * random.normal();
    }
  }
}

}  // namespace recur
