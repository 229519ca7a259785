#include "recur/tasks/synthesize/band_scales.h"

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {

void BandScales::apply(FrameRows& rows) const {
  for (size_t i = 0; i < rows.values.size(); ++i) {
    const size_t f = i % mean.size();
    rows.values[i] = static_cast<float>((double{rows.values[i]} - mean[f]) / deviation[f]);
  }
}

void BandScales::undo(FrameRows& rows) const {
  for (size_t i = 0; i < rows.values.size(); ++i) {
    const size_t f = i % mean.size();
    rows.values[i] = static_cast<float>(double{rows.values[i]} * deviation[f] + mean[f]);
  }
}

BandScales scales_of(const FeatureMoments& moments) {
  constexpr double kLeast = 1e-2;  // of ln: a band that never changes
  BandScales out;
  const auto count = static_cast<double>(std::max<int64_t>(moments.steps, 1));
  for (size_t f = 0; f < moments.sums.size(); ++f) {
    const double mean = moments.sums[f] / count, variance = moments.squares[f] / count - mean * mean;
    out.mean.push_back(mean);
    out.deviation.push_back(std::sqrt(std::max(variance, kLeast * kLeast)));
  }
  return out;
}

std::string scales_text(const BandScales& scales) {
  return Json{{"mean", scales.mean}, {"deviation", scales.deviation}}.dump();
}

BandScales read_scales(std::string_view text, int64_t bands) {
  const auto json = parse_json(text, 3);
  if (!json) fail("expected a JSON object");
  try {
    BandScales out{.mean = json->at("mean").get<std::vector<double>>(),
                   .deviation = json->at("deviation").get<std::vector<double>>()};
    for (const auto* numbers : {&out.mean, &out.deviation}) {
      if (std::ssize(*numbers) != bands) fail("expected {} numbers, got {}", bands, numbers->size());
      for (const double each : *numbers) {
        if (!std::isfinite(each) || std::abs(each) > 1e6) fail("expected numbers up to 1e6, got {}", each);
      }
    }
    for (const double each : out.deviation) {
      if (!(each > 0)) fail("deviation: expected numbers above 0, got {}", each);
    }
    return out;
  } catch (const JsonError& error) {
    fail("{}", error.what());
  }
}

}  // namespace recur
