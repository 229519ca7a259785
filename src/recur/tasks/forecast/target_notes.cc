#include "recur/tasks/forecast/target_notes.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <vector>

#include "recur/data/files/plain_text.h"

namespace recur {

std::string narrow_targets_note(const PanelData& data) {
  constexpr size_t kMost = 2;
  const Panel& panel = data.panel();
  if (panel.channels.size() < 2) return {};
  std::vector<std::set<double>> values(panel.channels.size());
  for (int64_t i = 0; i < std::ssize(panel.series); ++i) {
    const PanelSeries& s = panel.series[static_cast<size_t>(i)];
    std::set<double>& of = values[static_cast<size_t>(s.channel)];
    if (of.size() > kMost) continue;
    data.for_each_part(i, 0, s.steps, [&](std::span<const float> part, int64_t) {
      for (const float y : part) {
        if (!std::isnan(y) && of.size() <= kMost) of.insert(y + s.offset);
      }
    });
  }
  std::vector<std::string> named;
  for (size_t c = 0; c < values.size(); ++c) {
    if (values[c].size() == 1) named.push_back(quoted_cell(panel.channels[c]) + " never changes");
    if (values[c].size() == 2) named.push_back(quoted_cell(panel.channels[c]) + " has two values");
  }
  if (named.empty() || named.size() == values.size()) return {};
  return fmt::format(
      "of the {} targets, {}: they count in all metrics as the others do. value_columns names the targets, "
      "future_columns what is known ahead of time",
      values.size(), fmt::join(named, ", "));
}

}  // namespace recur
