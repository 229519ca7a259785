#include "recur/tasks/metrics/bootstrap.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "recur/base/quantile.h"
#include "recur/base/random.h"

namespace recur {

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
    sort_numbers(sampled);
    const std::span<const double> all(sampled);
    const double outside = (1 - options.level) / 2;
    table.rows.push_back({metric.name, metric.value, quantile(all, outside), quantile(all, 1 - outside)});
  }
  return table;
}

}  // namespace recur
