// Brings channels to comparable scales, and back: y = (x - shift) / scale. What is learnt is learnt from training data
// alone and kept in the model as text.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/quartiles.h"

namespace recur {

enum class ScalerKind {
  kNone,
  kStandard,  // shift: mean, scale: standard deviation of the population
  kMinMax,    // to [0, 1]
  kRobust,    // shift: median, scale: distance between the quartiles
  kMeanAbs,   // per series, from its own past: shift 0, scale mean |x|, as in DeepAR (Salinas et al. 2017)
};
std::string_view scaler_name(ScalerKind kind);       // "standard"
ScalerKind scaler_from_name(std::string_view name);  // throws UsageError, listing the names

// y = (x - shift) / scale; scale > 0. NaN stays NaN.
struct Affine {
  float shift = 0;
  float scale = 1;

  float apply(float x) const { return (x - shift) / scale; }
  float invert(float y) const { return y * scale + shift; }
  bool operator==(const Affine&) const = default;
};

class Scaler {
 public:
  Scaler() = default;  // kNone, of any width

  // Parts of training sequences, [T, C] each; missing values are left out. A channel that is constant or all missing
  // gets scale 1. Throws Error when a part is not a multiple of C.
  static Scaler fit(ScalerKind kind, int64_t channels, std::span<const std::span<const float>> parts);
  // The same, to the same bits, of parts that may be on disk: they are read twice for kStandard, once for kMinMax, and
  // as quartiles() says for kRobust.
  static Scaler fit(ScalerKind kind, int64_t channels, const PartSource& parts);

  ScalerKind kind() const { return kind_; }
  bool per_series() const { return kind_ == ScalerKind::kMeanAbs; }

  // The maps of the C channels for a sequence of which `past` [T, C] is known: what was fitted, or, when per_series(),
  // what follows from `past` (scale 1 where it has no value but 0).
  std::vector<Affine> maps(std::span<const float> past, int64_t channels) const;

  std::string to_text() const;  // JSON
  // Throws Error when the text is not a scaler of this many channels: it may come from anyone.
  static Scaler from_text(std::string_view text, int64_t channels);

 private:
  ScalerKind kind_ = ScalerKind::kNone;
  std::vector<Affine> fitted_;  // [C], unless kNone or per series
};

// In place, values [T, C].
void apply_maps(std::span<const Affine> maps, std::span<float> values);
void invert_maps(std::span<const Affine> maps, std::span<float> values);

}  // namespace recur
