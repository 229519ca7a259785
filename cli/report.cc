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
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "recur/audit/audit.h"
#include "recur/audit/read_decisions.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/base/version.h"
#include "recur/io/checkpoint.h"
#include "recur/tasks/kept_rows.h"
#include "recur/train/run.h"
#include "recur/train/run_folder.h"

namespace recur::cli {
namespace {

namespace fs = std::filesystem;

// A run of the report, its model and the options of its use.
struct LoadedRun {
  std::string path;
  std::unique_ptr<Run> run;
  std::unique_ptr<Trained> trained;
  Config use;
};

// "runs/first/" is called first.
std::string name_of(const std::string& path) {
  const fs::path whole = fs::path(path).lexically_normal();
  const std::string name = (whole.filename().empty() ? whole.parent_path() : whole).filename().string();
  return name.empty() || name == "." ? path : name;
}

struct ReportCommand {
  explicit ReportCommand(const Words& words) {
    const std::string path = first_path(words);
    if (!path.empty() && fs::is_directory(path)) {
      first = load_trained(path);
      first->declare_use(use);
    }
    arguments.positionals("RUN", paths);
    arguments.text("--out", out, "FILE", "Output file (required)");
    arguments.texts("--data", data, "FILE", "Test data, on which every model is measured; may be repeated");
    arguments.texts("--groups", groups, "COLUMN",
                    "With --data: column whose values are groups to compare; may be repeated");
    arguments.text("--title", title, "TEXT", "Title of the page (default: the names of the runs)");
    arguments.flag("--quiet", quiet, "Print warnings and errors only");
    arguments.config(use);
  }

  std::vector<std::string> paths, data, groups;
  std::string out, title;
  bool quiet = false;
  std::unique_ptr<Trained> first;  // whose task says which options of use there are
  Config use;
  Arguments arguments{
      "recur report RUN... --out FILE [options]",
      "Writes a page on training runs that needs no network: what was trained on what, how the training\n"
      "went, and with --data how good the models are. Several runs are put side by side."};
};

LoadedRun load_run(const std::string& path, const Config& use) {
  if (!fs::is_directory(path)) fail_usage("RUN: expected the folder of a run, got {}", path);
  LoadedRun loaded{.path = path, .run = Run::open(path), .trained = load_trained(path), .use = {}};
  loaded.trained->declare_use(loaded.use);
  for (const ConfigField& field : use.fields()) {
    if (field.given && loaded.use.find(field.key) != nullptr) loaded.use.set_from_string(field.key, field.value_text());
  }
  return loaded;
}

// Without the folders of this machine, which say nothing to another reader.
std::string file_names(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) names.push_back(name_of(path));
  return fmt::format("{}", fmt::join(names, ", "));
}

Description facts_of(const LoadedRun& of) {
  const RunSettings& settings = of.run->settings();
  const StateReader checkpoint = StateReader::open(RunFolder::open(of.path).checkpoint());
  Description facts{{"task", settings.task}, {"training_data", file_names(settings.data)}};
  if (!settings.valid.empty()) facts.push_back({"validation", name_of(settings.valid)});
  if (checkpoint.has("run.data")) facts.push_back({"checksum_of_the_training_data", checkpoint.text("run.data")});
  facts.push_back({"seed", static_cast<int64_t>(settings.seed)});
  facts.push_back({"precision", settings.precision});
  facts.push_back({"parameters", of.trained->module().parameter_count()});
  for (const Fact& fact : of.trained->describe()) facts.push_back(fact);
  for (const auto& [name, value] : read_model_facts(of.path)) facts.push_back({name, fact_text(value)});
  facts.push_back({"reported_by", fmt::format("recur {}", version())});
  return facts;
}

Description changed_options(const Config& config) {
  Description options;
  for (const ConfigField& field : config.fields()) {
    const bool said = field.key == "task" || field.key == "data" || field.key == "valid" || field.key == "seed";
    if (!said && field.value_text() != field.default_text()) options.push_back({field.key, field.value_text()});
  }
  return options;
}

std::optional<int64_t> best_step(const Assets& facts) {
  const auto at = facts.find("step");
  if (at == facts.end()) return {};
  const std::optional<Json> number = parse_json(at->second, 0);
  return number && number->is_integer() ? std::optional(number->get<int64_t>()) : std::nullopt;
}

ReportEvaluation evaluation_of(LoadedRun& of, const ReportCommand& command) {
  const DataFiles files(command.data.begin(), command.data.end());
  KeptRows examples, predictions;
  ReportEvaluation out{.data = file_names(command.data), .unit = of.trained->info().unit, .result = {}};
  out.result = of.trained->evaluate(files, &examples);
  if (of.use.find("chart") != nullptr) of.use.set_from_string("chart", "report.svg");
  const std::string& task = of.trained->info().name;
  if (task == "classify" || task == "diagnose" || task == "forecast") of.trained->predict(files, predictions);
  out.answers = scored_answers(examples, predictions);
  out.worst = worst_examples(examples);
  out.pictures = predictions.pictures();
  if (command.groups.empty()) return out;
  if (files.size() != 1) fail_usage("--groups: expected one file of --data, got {}", files.size());
  const ReadDecisions read = read_decisions(*of.trained, files, files[0], {.groups = command.groups});
  const Audit audited = audit(read.decisions, {.bootstrap = {.samples = 200}});
  out.groups = audited.tables;
  out.notes = read.notes;
  out.notes.insert(out.notes.end(), audited.notes.begin(), audited.notes.end());
  return out;
}

ReportRun report_run(LoadedRun& of, const ReportCommand& command) {
  const RunFolder folder = RunFolder::open(of.path);
  ReportRun out{
      .name = name_of(of.path), .facts = facts_of(of), .options = changed_options(of.run->config()), .history = {}};
  if (fs::exists(folder.metrics())) out.history = read_metrics(folder.metrics());
  if (fs::exists(folder.gradients())) out.gradients = read_gradients(folder.gradients());
  out.best_step = best_step(read_model_facts(of.path));
  if (!command.data.empty()) out.evaluation = evaluation_of(of, command);
  return out;
}

// Two runs of one name are told apart by their paths.
void name_apart(std::vector<ReportRun>& runs, const std::vector<std::string>& paths) {
  for (size_t i = 0; i < runs.size(); ++i) {
    if (std::ranges::count(paths, name_of(paths[i]), name_of) > 1) runs[i].name = paths[i];
  }
}

}  // namespace

int run_report(const Words& words) {
  ReportCommand command(words);
  if (!command.arguments.parse(words)) return kDone;
  if (command.quiet) hide_notes();
  if (command.out.empty()) fail_usage("--out FILE is missing");
  if (command.data.empty() && !command.groups.empty()) fail_usage("--groups: expected --data beside it");
  for (const std::string& path : command.paths) check_outputs({{"--out", command.out}}, path, command.data);
  std::vector<ReportRun> runs;
  for (const std::string& path : command.paths) {
    LoadedRun loaded = load_run(path, command.use);
    runs.push_back(report_run(loaded, command));
  }
  name_apart(runs, command.paths);
  std::string title = command.title;
  for (const ReportRun& run : runs) {
    if (command.title.empty()) title += (title.empty() ? "Report on " : ", ") + run.name;
  }
  write_file_atomic(command.out, report_html(title, runs));
  log_info("the report is in {}", command.out);
  return kDone;
}

}  // namespace recur::cli
