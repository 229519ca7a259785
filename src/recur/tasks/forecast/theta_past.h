// The Theta method's forecast of a window of a panel.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/tasks/forecast/panel.h"

namespace recur {

// Before so many seasons are known a slope is part of the season.
inline constexpr int64_t kSeasonsOfBase = 3;

// From step `end` of the series on, of what it has before: [horizon], in the panel's units; nothing where less than
// three seasons are known.
std::optional<std::vector<float>> theta_before(const PanelSeries& series, int64_t end, int64_t season, int64_t horizon);

}  // namespace recur
