#include "recur/tasks/diagnose/fill_gaps.h"

#include <cmath>

namespace recur {
namespace {

// Every missing value becomes the one before it in the order of travel, if any.
void carry(std::vector<float>& values, int64_t channels, bool backwards) {
  const auto size = std::ssize(values);
  for (int64_t i = channels; i < size; ++i) {
    const int64_t at = backwards ? size - 1 - i : i, from = backwards ? at + channels : at - channels;
    if (std::isnan(values[at])) values[at] = values[from];
  }
}

}  // namespace

FilledRecord fill_gaps(std::span<const float> values, int64_t channels, std::string_view fill) {
  FilledRecord out{.values = {values.begin(), values.end()},
                   .masks = std::vector<float>(values.size()),
                   .elapsed = std::vector<float>(values.size(), 0)};
  for (size_t i = 0; i < values.size(); ++i) out.masks[i] = std::isnan(values[i]) ? 0.0f : 1.0f;
  for (auto i = static_cast<size_t>(channels); i < values.size(); ++i) {
    const size_t before = i - static_cast<size_t>(channels);
    out.elapsed[i] = 1 + (out.masks[before] > 0 ? 0 : out.elapsed[before]);
  }
  if (fill != "normal") carry(out.values, channels, false);
  if (fill == "forward_back") carry(out.values, channels, true);
  for (float& value : out.values) value = std::isnan(value) ? 0 : value;
  return out;
}

}  // namespace recur
