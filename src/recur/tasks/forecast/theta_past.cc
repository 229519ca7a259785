#include "recur/tasks/forecast/theta_past.h"

#include <algorithm>
#include <cmath>

#include "recur/tasks/forecast/theta.h"

namespace recur {

std::optional<std::vector<float>> theta_before(const PanelSeries& series, int64_t end, int64_t season,
                                               int64_t horizon) {
  if (end - series.first < kSeasonsOfBase * season) return std::nullopt;
  std::vector<float> past;
  for (int64_t t = std::max(series.begin, end - theta_reach(season)); t < end; ++t) past.push_back(series.value(t));
  if (std::ranges::all_of(past, [](float y) { return std::isnan(y); })) return std::nullopt;
  return theta_forecast(past, season, horizon, series.offset);
}

}  // namespace recur
