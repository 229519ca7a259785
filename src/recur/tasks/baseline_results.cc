#include "recur/tasks/baseline_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace recur {
namespace {

std::optional<double> value_of(const std::vector<Metric>& metrics, std::string_view name) {
  const auto found = std::ranges::find(metrics, name, &Metric::name);
  return found == metrics.end() || std::isnan(found->value) ? std::nullopt : std::optional(found->value);
}

std::vector<TableCell> row_of(const std::string& name, const std::vector<Metric>& metrics,
                              const std::vector<std::string>& columns) {
  std::vector<TableCell> row{name};
  for (size_t i = 1; i < columns.size(); ++i) {
    const auto value = value_of(metrics, columns[i]);
    row.push_back(value ? TableCell(*value) : TableCell("none"));
  }
  return row;
}

std::string name_of(const BaselineResult& each) {
  return each.part.empty() ? each.name : fmt::format("{} ({})", each.name, each.part);
}

// Of baselines that the model surpasses: those that might have been better with all of the training data.
std::string open_question(const std::vector<BaselineResult>& methods) {
  const auto partial = std::ranges::find_if(methods, [](const BaselineResult& each) { return !each.part.empty(); });
  if (partial == methods.end()) return "";
  return fmt::format("{} has learnt from {} only: whether the model is better than with all of them is open",
                     partial->name, partial->part);
}

}  // namespace

Table methods_table(const Evaluation& model, const BaselineResults& baselines) {
  Table table{.name = "methods", .columns = {"method"}, .rows = {}};
  for (const Metric& metric : model.metrics) {
    const bool is_shared = std::ranges::any_of(baselines.methods, [&](const BaselineResult& each) {
      return std::ranges::count(each.metrics, metric.name, &Metric::name) > 0;
    });
    if (is_shared) table.columns.push_back(metric.name);
  }
  table.rows.push_back(row_of("model", model.metrics, table.columns));
  for (const BaselineResult& each : baselines.methods) {
    table.rows.push_back(row_of(name_of(each), each.metrics, table.columns));
  }
  return table;
}

std::string verdict(const Evaluation& model, const BaselineResults& baselines) {
  const std::string& metric = baselines.by.metric;
  const auto own = value_of(model.metrics, metric);
  const BaselineResult* best = nullptr;
  double highest = 0;
  for (const BaselineResult& each : baselines.methods) {
    const auto value = value_of(each.metrics, metric);
    if (!value || (best != nullptr && !baselines.by.better(*value, highest))) continue;
    best = &each;
    highest = *value;
  }
  if (!own || best == nullptr) return "";
  if (baselines.by.better(*own, highest)) return open_question(baselines.methods);
  return fmt::format("the model is no better than {}: {} {:.4g}, {} {:.4g}", name_of(*best), spaced(metric), *own,
                     best->name, highest);
}

void add_baselines(Evaluation& model, const BaselineResults& baselines) {
  if (baselines.methods.empty()) return;
  model.tables.insert(model.tables.begin(), methods_table(model, baselines));
  model.verdict = verdict(model, baselines);
}

}  // namespace recur
