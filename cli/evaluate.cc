// recur evaluate: the metrics of a model on data that it has not seen.
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/use.h"
#include "recur/tasks/task.h"

namespace recur::cli {

int run_evaluate(const Words& words) {
  UseCommand use(words, "recur evaluate MODEL DATA... [options]",
                 "Measures a model on data that it has not seen. MODEL is a .recur file or a run folder.");
  bool json = false;
  use.arguments.flag("--json", json, "Print one JSON object");
  if (!use.parse(words)) return kDone;

  const Evaluation evaluation = use.task->evaluate(use.paths());
  const TaskInfo& info = use.task->info();
  if (json) {
    Json object = {{"task", info.name}, {"examples", evaluation.examples}};
    for (const Metric& metric : evaluation.metrics) object[metric.name] = metric.value;
    for (const Table& each : evaluation.tables) object[each.name] = table_json(each);
    print(json_line(object));
    return kDone;
  }
  Facts facts;
  facts.add(info.unit, thousands(evaluation.examples));
  for (const Metric& metric : evaluation.metrics) facts.add(spaced(metric.name), fmt::format("{:.6g}", metric.value));
  print(facts.text());
  for (const Table& each : evaluation.tables) print("\n" + spaced(each.name) + "\n" + table_text(each));
  return kDone;
}

}  // namespace recur::cli
