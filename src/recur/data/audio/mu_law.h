// The mu-law: levels of a sound that lie the closer the nearer they are to 0, as hearing needs them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace recur {

// x in [-1, 1] -> sign(x) ln(1 + 255 |x|) / ln(256), in [-1, 1]; what is beyond is cut (ITU-T G.711 rounds this curve).
inline float companded(float x) {
  constexpr float kMu = 255, kScale = 0.18033688f;  // 1 / ln 256
  return std::copysign(std::min(std::log1p(kMu * std::abs(x)) * kScale, 1.0f), x);
}
inline float expanded(float y) {
  constexpr float kMu = 255, kLog = 5.5451774f;  // ln 256
  return std::copysign(std::expm1(std::abs(y) * kLog) / kMu, y);
}

// The nearest of an even number of levels, of which levels / 2 is 0; and its place on the curve.
inline int32_t mu_law_level(float companded_value, int32_t levels) {
  const int32_t half = levels / 2;
  return std::clamp(half + static_cast<int32_t>(std::lround(static_cast<float>(half) * companded_value)), 0,
                    levels - 1);
}
inline float place_of_level(int32_t level, int32_t levels) {
  const int32_t half = levels / 2;
  return static_cast<float>(level - half) / static_cast<float>(half);
}

}  // namespace recur
