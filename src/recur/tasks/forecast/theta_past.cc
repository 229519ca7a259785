#include "recur/tasks/forecast/theta_past.h"

#include <algorithm>
#include <cmath>

#include "recur/tasks/forecast/theta.h"

namespace recur {

std::vector<float> theta_before(const PanelSeries& series, int64_t end, int64_t season, int64_t horizon) {
  std::vector<float> past;
  for (int64_t t = std::max(series.begin, end - theta_reach(season)); t < end; ++t) past.push_back(series.value(t));
  const bool is_known = std::ranges::any_of(past, [](float y) { return !std::isnan(y); });
  if (is_known && end - series.first >= kSeasonsOfBase * season)
    return theta_forecast(past, season, horizon, series.offset);
  const int64_t last = last_known(series, end);
  return std::vector<float>(static_cast<size_t>(horizon), last >= 0 ? series.value(last) : 0);
}

}  // namespace recur
