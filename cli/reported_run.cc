#include "cli/reported_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "cli/facts.h"
#include "recur/audit/audit.h"
#include "recur/audit/read_decisions.h"
#include "recur/base/error.h"
#include "recur/base/version.h"
#include "recur/explain/explain.h"
#include "recur/explain/picture.h"
#include "recur/io/checkpoint.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/kept_rows.h"
#include "recur/tasks/task.h"
#include "recur/train/run_folder.h"

namespace recur::cli {
namespace {

namespace fs = std::filesystem;

// Without the folders of this machine, which say nothing to another reader.
std::string file_names(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) names.push_back(name_of(path));
  return fmt::format("{}", fmt::join(names, ", "));
}

void add_facts_of_run(Description& facts, const LoadedModel& of) {
  const RunSettings& settings = of.run->settings();
  const StateReader checkpoint = StateReader::open(RunFolder::open(of.path).checkpoint());
  facts.push_back({"training_data", file_names(settings.data)});
  if (!settings.valid.empty()) facts.push_back({"validation", name_of(settings.valid)});
  if (checkpoint.has("run.data")) facts.push_back({"checksum_of_the_training_data", checkpoint.text("run.data")});
  facts.push_back({"seed", static_cast<int64_t>(settings.seed)});
  facts.push_back({"precision", settings.precision});
}

Description facts_of(const LoadedModel& of) {
  Description facts{{"task", of.trained->info().name}};
  if (of.run) add_facts_of_run(facts, of);
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

// Of a model file, which keeps the options of its task alone.
Description changed_options(const Trained& trained) {
  const std::unique_ptr<Task> task = make_task(trained.info().name);
  Config config;
  task->declare(config);
  config.parse_toml(trained.options_toml(), "options");
  return changed_options(config);
}

std::optional<int64_t> best_step(const Assets& facts) {
  const auto at = facts.find("step");
  if (at == facts.end()) return {};
  const std::optional<Json> number = parse_json(at->second, 0);
  return number && number->is_integer() ? std::optional(number->get<int64_t>()) : std::nullopt;
}

void add_groups(ReportEvaluation& out, const Trained& trained, const DataFiles& files, const ComparedGroups& groups) {
  if (files.size() != 1) fail_usage("--groups: expected one file of --data, got {}", files.size());
  const ReadDecisions read = read_decisions(
      trained, files, files[0], {.groups = groups.columns, .label = groups.label, .positive = groups.positive});
  const Audit audited = audit(read.decisions, {.bootstrap = {.samples = 200}});
  out.groups = audited.tables;
  out.group_figures = audited.figures;
  out.notes = read.notes;
  out.notes.insert(out.notes.end(), audited.notes.begin(), audited.notes.end());
}

// The records of the rows of `worst`, which name them; where rows have no ids, or no record has one of them, the first.
std::vector<int64_t> worst_records(const ExplainableData& data, const Table& worst, int64_t count) {
  std::vector<int64_t> out;
  const auto id = std::ranges::find(worst.columns, "id") - worst.columns.begin();
  std::map<std::string, int64_t> places;
  for (int64_t i = data.size(); i-- > 0;) places[data.id(i)] = i;
  for (const auto& row : worst.rows) {
    if (id == std::ssize(row) || std::ssize(out) == count) break;
    const auto at = places.find(text_of(row[static_cast<size_t>(id)]));
    const bool usable = at != places.end() && data.steps(at->second) > 0 && std::ranges::count(out, at->second) == 0;
    if (usable) out.push_back(at->second);
  }
  for (int64_t i = 0; out.empty() && i < data.size(); ++i) {
    if (data.steps(i) > 0) out.push_back(i);
  }
  return out;
}

}  // namespace

std::string name_of(const std::string& path) {
  const fs::path whole = fs::path(path).lexically_normal();
  const std::string name = (whole.filename().empty() ? whole.parent_path() : whole).filename().string();
  return name.empty() || name == "." ? path : name;
}

LoadedModel load_reported(const std::string& path, const Config& use) {
  LoadedModel loaded{.path = path,
                     .run = fs::is_directory(path) ? Run::open(path) : nullptr,
                     .trained = load_trained(path),
                     .use = {}};
  loaded.trained->declare_use(loaded.use);
  for (const ConfigField& field : use.fields()) {
    if (field.given && loaded.use.find(field.key) != nullptr) loaded.use.set_from_string(field.key, field.value_text());
  }
  return loaded;
}

ReportRun reported(const LoadedModel& of) {
  ReportRun out{.name = name_of(of.path), .facts = facts_of(of), .options = {}, .history = {}};
  out.options = of.run ? changed_options(of.run->config()) : changed_options(*of.trained);
  out.best_step = best_step(read_model_facts(of.path));
  if (!of.run) return out;
  out.given = of.run->given();
  const RunFolder folder = RunFolder::open(of.path);
  if (fs::exists(folder.metrics())) out.history = read_metrics(folder.metrics());
  if (fs::exists(folder.gradients())) out.gradients = read_gradients(folder.gradients());
  return out;
}

ReportEvaluation measured_on(LoadedModel& of, const std::vector<std::string>& data, const ComparedGroups& groups) {
  const DataFiles files(data.begin(), data.end());
  KeptRows examples, predictions;
  ReportEvaluation out{.data = file_names(data), .unit = of.trained->info().unit, .result = {}};
  out.result = of.trained->evaluate(files, &examples);
  if (of.use.find("chart") != nullptr) of.use.set_from_string("chart", "report.svg");
  if (of.trained->reports_predictions()) of.trained->predict(files, predictions);
  out.answers = scored_answers(examples, predictions);
  out.worst = worst_examples(examples);
  out.pictures = predictions.pictures();
  if (!groups.columns.empty()) add_groups(out, *of.trained, files, groups);
  return out;
}

void add_explanations(ReportEvaluation& evaluation, const LoadedModel& model, const std::vector<std::string>& data,
                      int64_t count) {
  const auto records = model.trained->explainable({data.begin(), data.end()});
  for (const int64_t i : worst_records(*records, evaluation.worst, count)) {
    const auto record = records->record(i, {});
    const ReadRecord& read = record->read();
    const Attribution of = attribute(*record);
    const Explained explained{read, of};
    evaluation.explanations.push_back(
        {.svg = attribution_svg({&explained, 1}),
         .caption = fmt::format("Record {}: what moved {}, {} {:.4g}.", read.id, read.target, read.scale, of.score)});
  }
}

}  // namespace recur::cli
