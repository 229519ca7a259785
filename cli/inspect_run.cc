#include <algorithm>

#include "cli/facts.h"
#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/io/metrics_log.h"
#include "recur/train/run.h"

namespace recur::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kShownRows = 12;

std::vector<MetricsRow> history(const fs::path& folder) {
  const fs::path path = RunFolder::open(folder).metrics();
  return fs::exists(path) ? read_metrics(path) : std::vector<MetricsRow>{};
}

bool is_validation(const MetricsRow& row) {
  return std::ranges::any_of(row.metrics, [](const Metric& metric) { return metric.name.starts_with("valid"); });
}

// The rows with a validation, thinned out evenly: the first, the last, and some between.
std::string history_text(const std::vector<MetricsRow>& rows) {
  std::vector<MetricsRow> chosen;
  std::ranges::copy_if(rows, std::back_inserter(chosen), is_validation);
  if (chosen.empty()) chosen = rows;
  if (chosen.empty()) return "";
  std::vector<std::vector<std::string>> cells(1, {"step", "epoch"});
  for (const Metric& metric : chosen.front().metrics) cells[0].push_back(spaced(metric.name));
  const std::size_t count = std::min(chosen.size(), kShownRows);
  for (std::size_t i = 0; i < count; ++i) {
    const MetricsRow& row = chosen[count == 1 ? 0 : i * (chosen.size() - 1) / (count - 1)];
    std::vector<std::string> line = {thousands(row.step), fmt::format("{:.2f}", row.epoch)};
    for (const Metric& metric : row.metrics) line.push_back(real_text(metric.value, 5));
    line.resize(cells[0].size());
    cells.push_back(std::move(line));
  }
  return "\n" + table(cells, std::string(cells[0].size(), 'r'));
}

Json history_json(const std::vector<MetricsRow>& rows) {
  Json out = Json::array();
  for (const MetricsRow& row : rows) {
    Json object = {{"step", row.step}, {"epoch", row.epoch}};
    for (const Metric& metric : row.metrics) object[metric.name] = metric.value;
    out.push_back(std::move(object));
  }
  return out;
}

}  // namespace

void inspect_run(const fs::path& folder, const InspectOptions& options) {
  const std::unique_ptr<Run> run = Run::open(folder);
  const std::vector<MetricsRow> rows = history(folder);
  const bool has_model = fs::exists(model_path(folder));
  if (options.json) {
    Json json = {{"kind", "run"}, {"path", folder.string()}, {"task", run->settings().task}};
    json["options"] = options_json(run->config());
    json["model"] = has_model ? Json(model_path(folder).string()) : Json(nullptr);
    json["history"] = history_json(rows);
    print(json_line(json));
    return;
  }
  Facts facts;
  facts.add("run", folder.string());
  facts.add("task", run->settings().task);
  add_changed_options(facts, run->config());
  if (has_model) {
    const std::unique_ptr<Trained> trained = load_trained(folder);
    facts.add("parameters", thousands(trained->module().parameter_count()));
    for (const Fact& fact : trained->describe()) facts.add(spaced(fact.name), cell_text(fact.value));
    for (const auto& [name, value] : read_model_facts(folder)) facts.add(spaced(name), fact_text(value));
  } else {
    facts.add("model", "none yet");
  }
  print(facts.text() + history_text(rows));
}

}  // namespace recur::cli
