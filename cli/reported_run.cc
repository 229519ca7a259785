#include "cli/reported_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "cli/facts.h"
#include "recur/audit/audit.h"
#include "recur/audit/read_decisions.h"
#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/version.h"
#include "recur/explain/explain.h"
#include "recur/explain/picture.h"
#include "recur/io/checkpoint.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/kept_rows.h"
#include "recur/tasks/task.h"
#include "recur/train/run_folder.h"
#include "recur/train/run_lock.h"

namespace recur::cli {
namespace {

namespace fs = std::filesystem;

// Without the folders of this machine, which say nothing to another reader.
std::string file_names(const std::vector<std::string>& paths) {
  std::vector<std::string> names;
  for (const std::string& path : paths) names.push_back(name_of(path));
  return fmt::format("{}", fmt::join(names, ", "));
}

// Whether a process trains it right now.
bool is_in_training(const fs::path& run) {
  try {
    RunLock::check_free(run);
    return false;
  } catch (const Error&) {
    return true;
  }
}

void add_facts_of_run(Description& facts, const LoadedModel& of) {
  const RunSettings& settings = of.run->settings();
  const StateReader checkpoint = StateReader::open(RunFolder::open(of.path).checkpoint());
  if (is_in_training(of.path)) facts.push_back({"state", "unfinished: it is being trained"});
  if (!settings.from_model.empty()) facts.push_back({"began_from_the_model", name_of(settings.from_model)});
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
    constexpr std::array<std::string_view, 5> kSaid{"task", "data", "valid", "seed", "from_model"};
    const bool said = std::ranges::count(kSaid, field.key) > 0;
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
  out.notes.insert(out.notes.end(), read.notes.begin(), read.notes.end());
  out.notes.insert(out.notes.end(), audited.notes.begin(), audited.notes.end());
}

// The step whose output a model is least sure of, of up to kMost that are spread over the record.
int64_t least_sure_step(const ExplainableData& data, int64_t i) {
  constexpr int64_t kMost = 64;
  const autograd::NoGrad no_grad;
  const int64_t steps = data.steps(i), stride = (steps + kMost - 1) / kMost;
  int64_t out = 1;
  double least = std::numeric_limits<double>::infinity();
  for (int64_t step = 1; step <= steps; step += stride) {
    const auto record = data.record(i, {.step = step, .probability = true});
    const ReadRecord& read = record->read();
    const Tensor score = record->score(reshape(read.x, {read.steps(), 1, read.features()})).clone(DType::kF64);
    const double probability = std::as_const(score).values<double>()[0];
    if (!(probability < least)) continue;
    least = probability;
    out = step;
  }
  return out;
}

// A record, and which of its outputs went wrong; "": the one that the model predicts.
struct WorstRecord {
  int64_t record = 0;
  std::string target = {};

  bool operator==(const WorstRecord&) const = default;
};

// Those of the rows of `worst`, which name the record first, and its label where a record has an answer for each; where
// no record has one of the names, the first.
std::vector<WorstRecord> worst_records(const ExplainableData& data, const Table& worst, int64_t count) {
  std::vector<WorstRecord> out;
  const auto column = [&](const char* name) { return std::ranges::find(worst.columns, name) - worst.columns.begin(); };
  const bool by_label = column("answer") < std::ssize(worst.columns);
  std::map<std::string, int64_t> places;
  for (int64_t i = data.size(); i-- > 0;) places[data.id(i)] = i;
  for (const auto& row : worst.rows) {
    if (std::ssize(out) == count) break;
    const auto at = places.find(text_of(row.at(0)));
    if (at == places.end() || data.steps(at->second) == 0) continue;
    const WorstRecord one{at->second, by_label ? text_of(row.at(static_cast<size_t>(column("label")))) : ""};
    if (std::ranges::find(out, one) == out.end()) out.push_back(one);
  }
  for (int64_t i = 0; out.empty() && i < data.size(); ++i) {
    if (data.steps(i) > 0) out.push_back({i});
  }
  return out;
}

// The model's predictions, for the charts: data that can be measured may still say too little of the future to predict,
// and then there are none.
KeptRows reported_predictions(const Trained& trained, const DataFiles& files, std::vector<std::string>& notes) {
  KeptRows predictions;
  if (!trained.reports_predictions()) return predictions;
  try {
    trained.predict(files, predictions);
    return predictions;
  } catch (const Error& error) {
    notes.push_back(fmt::format("charts of predictions are left out: {}", error.what()));
    return {};
  }
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
  KeptRows examples;
  ReportEvaluation out{.data = file_names(data), .unit = of.trained->info().unit, .result = {}};
  out.result = of.trained->evaluate(files, &examples);
  if (of.use.find("chart") != nullptr) of.use.set_from_string("chart", "report.svg");
  const KeptRows predictions = reported_predictions(*of.trained, files, out.notes);
  out.answers = scored_answers(examples, predictions);
  out.worst = worst_examples(examples);
  out.pictures = predictions.pictures();
  if (!groups.columns.empty()) add_groups(out, *of.trained, files, groups);
  return out;
}

void add_explanations(ReportEvaluation& evaluation, const LoadedModel& model, const std::vector<std::string>& data,
                      int64_t count) {
  const auto records = model.trained->explainable({data.begin(), data.end()});
  for (const auto& [i, target] : worst_records(*records, evaluation.worst, count)) {
    const auto step = records->needs_step() ? std::optional(least_sure_step(*records, i)) : std::nullopt;
    const auto record = records->record(i, {.name = target, .step = step});
    const ReadRecord& read = record->read();
    const Attribution of = attribute(*record);
    const Explained explained{read, of};
    evaluation.explanations.push_back(
        {.svg = attribution_svg({&explained, 1}),
         .caption = fmt::format("Record {}: what moved {}, {} {:.4g}.", read.id, read.target, read.scale, of.score)});
  }
}

}  // namespace recur::cli
