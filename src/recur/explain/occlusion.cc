#include "recur/explain/occlusion.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/explain/coalitions.h"

namespace recur {
namespace {

// The parts that each window takes away.
std::vector<std::vector<int64_t>> windows_of(const Parts& parts, int64_t steps, int64_t window) {
  std::map<int64_t, std::vector<int64_t>> by_channel;
  std::vector<std::vector<int64_t>> out;
  for (int64_t i = 0; i < parts.size(); ++i) {
    if (parts[i].step < 0) {
      out.push_back({i});  // all steps already
    } else {
      by_channel[parts[i].channel].push_back(i);
    }
  }
  const int64_t last = std::max<int64_t>(steps - window, 0);
  for (const auto& [channel, own] : by_channel) {
    for (int64_t begin = 0; begin <= last; ++begin) {
      std::vector<int64_t> taken;
      for (const int64_t i : own) {
        if (parts[i].step >= begin && parts[i].step < begin + window) taken.push_back(i);
      }
      if (!taken.empty()) out.push_back(std::move(taken));
    }
  }
  return out;
}

}  // namespace

Attribution occlusion(const Explainable& record, const Tensor& baseline, const Parts& parts, int64_t window) {
  if (window < 1) fail_usage("window: expected at least 1 step, got {}", window);
  CoalitionScores scores(record, baseline, parts);
  Attribution out = scores.attribution();
  const auto windows = windows_of(parts, record.read().steps(), window);
  std::vector<Coalition> coalitions;
  for (const std::vector<int64_t>& taken : windows) {
    Coalition& rest = coalitions.emplace_back(static_cast<size_t>(parts.size()), uint8_t{1});
    for (const int64_t i : taken) rest[static_cast<size_t>(i)] = 0;
  }
  const std::vector<double> without = scores(coalitions);
  std::vector<double> counts(static_cast<size_t>(parts.size()), 0);
  out.values.assign(counts.size(), 0);
  for (size_t w = 0; w < windows.size(); ++w) {
    for (const int64_t i : windows[w]) {
      out.values[static_cast<size_t>(i)] += out.score - without[w];
      ++counts[static_cast<size_t>(i)];
    }
  }
  for (size_t i = 0; i < counts.size(); ++i) out.values[i] /= std::max(counts[i], 1.0);
  out.evaluations = scores.evaluations();
  return out;
}

}  // namespace recur
