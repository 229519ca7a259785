#include "recur/tasks/metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "recur/base/random.h"

namespace recur {
namespace {

// Between neighbours, as most programs have it.
double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

}  // namespace

Table bootstrap_intervals(int64_t examples, const BootstrapOptions& options,
                          const std::function<std::vector<Metric>(std::span<const int64_t>)>& measure) {
  Table table{.name = "intervals", .columns = {"metric", "value", "low", "high"}, .rows = {}};
  std::vector<int64_t> rows(static_cast<size_t>(examples));
  std::iota(rows.begin(), rows.end(), int64_t{0});
  const std::vector<Metric> whole = measure(rows);
  std::map<std::string, std::vector<double>> values;
  Random random(options.seed);
  for (int64_t s = 0; s < options.samples; ++s) {
    for (int64_t& row : rows) row = static_cast<int64_t>(random.below(static_cast<uint64_t>(examples)));
    for (const Metric& metric : measure(rows)) values[metric.name].push_back(metric.value);
  }
  for (const Metric& metric : whole) {
    std::vector<double>& sampled = values[metric.name];
    if (sampled.empty()) continue;
    std::ranges::sort(sampled);
    const double outside = (1 - options.level) / 2;
    table.rows.push_back({metric.name, metric.value, quantile(sampled, outside), quantile(sampled, 1 - outside)});
  }
  return table;
}

}  // namespace recur
