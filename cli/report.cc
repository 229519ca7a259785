// recur report: a page on training runs, and on how good their models are.
#include "recur/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/reported_run.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/train/run_folder.h"

namespace recur::cli {
namespace {

namespace fs = std::filesystem;

struct ReportFlags {
  int64_t explain = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("explain", explain, "With --data: explain the predictions of this many records, those with the largest losses",
      Range{0, 10});
  }
};

struct ReportCommand {
  explicit ReportCommand(const Words& words) : config(flags) {
    const std::string path = first_path(words);
    if (!path.empty() && fs::is_directory(path)) {
      RunFolder::open(path);  // says of other folders, and of runs without a checkpoint, that they are none
      first = load_trained(path);
      first->declare_use(use);
    }
    arguments.positionals("RUN", paths);
    arguments.text("--out", out, "FILE", "Output file (required without --json)");
    arguments.texts("--data", data, "FILE", "Test data, on which every model is measured; may be repeated");
    arguments.texts("--groups", groups, "COLUMN",
                    "With --data: column whose values are groups to compare; may be repeated");
    arguments.text("--positive", positive, "CLASS",
                   "With --groups: class whose decisions are compared (default: 1, true or yes)");
    arguments.text("--label", label, "LABEL", "With --groups: label of a diagnosis to compare");
    arguments.text("--title", title, "TEXT", "Title of the page (default: the names of the runs)");
    arguments.flag("--json", json, "Print the facts and figures of the page as one JSON object");
    arguments.flag("--quiet", quiet, "Print warnings and errors only");
    arguments.config(config);
    arguments.config(use);
  }

  std::vector<std::string> paths, data, groups;
  std::string out, title, positive, label;
  ReportFlags flags;
  bool json = false, quiet = false;
  std::unique_ptr<Trained> first;  // whose task says which options of use there are
  Config config, use;
  Arguments arguments{
      "recur report RUN... --out FILE [options]",
      "Writes a page on training runs that needs no network: what was trained on what, how the training\n"
      "went, and with --data how good the models are. Several runs are shown side by side."};
};

ReportRun report_run(const std::string& path, const ReportCommand& command) {
  if (!fs::is_directory(path)) fail_usage("RUN: expected the folder of a run, got {}", path);
  LoadedModel loaded = load_reported(path, command.use);
  ReportRun run = reported(loaded);
  if (!command.data.empty())
    run.evaluation = measured_on(loaded, command.data, {command.groups, command.positive, command.label});
  if (command.flags.explain > 0) add_explanations(*run.evaluation, loaded, command.data, command.flags.explain);
  return run;
}

// The same; of several runs the error says whose it is.
ReportRun named_report_run(const std::string& path, const ReportCommand& command) {
  if (command.paths.size() == 1) return report_run(path, command);
  try {
    return report_run(path, command);
  } catch (const UsageError& error) {
    fail_usage("{}: {}", path, error.what());
  } catch (const Error& error) {
    fail("{}: {}", path, error.what());
  }
}

// Two runs of one name are told apart by their paths.
void name_apart(std::vector<ReportRun>& runs, const std::vector<std::string>& paths) {
  for (size_t i = 0; i < runs.size(); ++i) {
    if (std::ranges::count(paths, name_of(paths[i]), name_of) > 1) runs[i].name = paths[i];
  }
}

Json tables_json(const std::vector<Table>& tables) {
  Json out = Json::object();
  for (const Table& each : tables) out[each.name] = table_json(each);
  return out;
}

Json evaluation_json(const ReportEvaluation& of) {
  Json metrics = Json::object();
  for (const Metric& metric : of.result.metrics) metrics[metric.name] = metric.value;
  Json out{{"data", of.data}, {"examples", of.result.examples}, {"metrics", std::move(metrics)}};
  if (!of.result.verdict.empty()) out["verdict"] = of.result.verdict;
  out["tables"] = tables_json(of.result.tables);
  out["worst"] = table_json(of.worst);
  if (!of.groups.empty()) out["groups"] = table_json(of.group_figures);
  if (!of.notes.empty()) out["notes"] = of.notes;
  return out;
}

// The course of the training is in the run's metrics.jsonl.
Json run_json(const ReportRun& run) {
  Json out{{"name", run.name}, {"facts", facts_json(run.facts)}};
  const OptionParts options = option_parts(run);
  out[run.given ? "options_given" : "options"] = facts_json(options.given);
  if (run.given) out["options_chosen"] = facts_json(options.chosen);
  if (run.best_step) out["best_step"] = *run.best_step;
  if (run.evaluation) out["evaluation"] = evaluation_json(*run.evaluation);
  return out;
}

Json report_json(const std::string& title, const std::vector<ReportRun>& runs) {
  Json all = Json::array();
  for (const ReportRun& run : runs) all.push_back(run_json(run));
  return {{"title", title}, {"runs", std::move(all)}};
}

}  // namespace

int run_report(const Words& words) {
  ReportCommand command(words);
  if (!command.arguments.parse(words)) return kDone;
  if (command.quiet) hide_notes();
  if (command.out.empty() && !command.json) fail_usage("--out FILE is missing");
  if (command.out.empty() && command.flags.explain > 0) fail_usage("--explain: expected together with --out");
  if (command.data.empty() && !command.groups.empty()) fail_usage("--groups: expected together with --data");
  if (command.groups.empty() && !(command.positive.empty() && command.label.empty())) {
    fail_usage("--positive, --label: expected together with --groups");
  }
  if (command.data.empty() && command.flags.explain > 0) fail_usage("--explain: expected together with --data");
  for (const std::string& path : command.paths) check_outputs({{"--out", command.out}}, path, command.data);
  std::vector<ReportRun> runs;
  for (const std::string& path : command.paths) runs.push_back(named_report_run(path, command));
  name_apart(runs, command.paths);
  std::string title = command.title;
  for (const ReportRun& run : runs) {
    if (command.title.empty()) title += (title.empty() ? "Report on " : ", ") + run.name;
  }
  if (!command.out.empty()) {
    write_output(command.out, report_html(title, runs));
    log_info("the report is in {}", command.out);
  }
  if (command.json) print(json_line(report_json(title, runs)));
  return kDone;
}

}  // namespace recur::cli
