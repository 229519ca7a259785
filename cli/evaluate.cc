// recur evaluate: the metrics of a model on data that it has not seen.
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/file_sink.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/table_name.h"
#include "cli/use.h"
#include "recur/base/error.h"

namespace recur::cli {
namespace {

// Files that the options of a model name are those that predict writes.
void refuse_files(const Config& config) {
  for (const ConfigField& field : config.fields()) {
    if (field.writes == Writes::kNothing || std::get<std::string>(field.get()).empty()) continue;
    fail_usage("{}: predict writes it, and evaluate only measures; set it of predict", field.flag());
  }
}

}  // namespace

int run_evaluate(const Words& words) {
  UseCommand use(words, "recur evaluate MODEL DATA... [options]",
                 "Computes the metrics of a model on test data. MODEL is a .recur file or a run folder.\n"
                 "With - as DATA, the standard input is read.");
  bool json = false;
  std::string examples;
  use.arguments.flag("--json", json, "Print one JSON object");
  use.arguments.text("--examples", examples, "FILE", "Also write a row per example to this CSV file");
  if (!use.parse(words)) return kDone;
  refuse_files(use.config);

  use.check_outputs({{"--examples", examples}});
  check_table_name("--examples", examples);
  std::unique_ptr<FileSink> scores;
  if (!examples.empty()) scores = std::make_unique<FileSink>(examples, false, use.inputs());
  const Evaluation evaluation = use.trained->evaluate(use.files(), scores.get());
  if (scores) scores->commit();
  const TaskInfo& info = use.trained->info();
  if (json) {
    Json object = {{"task", info.name}, {"examples", evaluation.examples}};
    for (const Metric& metric : evaluation.metrics) object[metric.name] = metric.value;
    for (const Table& each : evaluation.tables) object[each.name] = table_json(each);
    if (!evaluation.verdict.empty()) object["verdict"] = evaluation.verdict;
    print(json_line(object));
    return kDone;
  }
  Facts facts;
  facts.add(info.unit, thousands(evaluation.examples));
  for (const Metric& metric : evaluation.metrics) facts.add(spaced(metric.name), real_text(metric.value, 6));
  print(facts.text());
  if (!evaluation.verdict.empty()) print("\n" + evaluation.verdict + "\n");
  for (const Table& each : evaluation.tables) print("\n" + spaced(each.name) + "\n" + table_text(each));
  return kDone;
}

}  // namespace recur::cli
