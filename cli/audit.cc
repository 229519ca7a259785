// recur audit: whether decisions treat groups of people, or of anything else, alike.
#include "recur/audit/audit.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/file_sink.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "recur/audit/counterfactual.h"
#include "recur/audit/read_decisions.h"
#include "recur/audit/term_pairs.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/kept_rows.h"
#include "recur/tasks/trained.h"

namespace recur::cli {
namespace {

namespace fs = std::filesystem;

struct AuditFlags {
  std::vector<std::string> groups, times;
  std::string label, prediction, score, positive, id_column, groups_file, swap;
  std::optional<double> threshold;
  bool intersections = true, equalize = false;
  int64_t samples = 200;
  double level = 0.95;
  uint64_t seed = 1;

  template <class Visitor>
  void visit(Visitor& v) {
    v("groups", groups, "Columns whose values are the groups, such as sex,race");
    v("label", label, "Column of the true label; for a diagnose model the label to audit");
    v("prediction", prediction, "Of a table: column of the decisions");
    v("score", score, "Of a table: column of the scores; higher scores favour the positive decision");
    v("positive", positive, "Label that counts as positive; default: 1, true or yes");
    v("threshold", threshold, "Lowest score with a positive decision; default: 0.5 for probabilities");
    v("times", times,
      "Of a diagnose model: numbers such as 6,12,24, in the unit of its option step. Also audits the alarms raised "
      "within that time since the first step");
    v("groups_file", groups_file, "Of a model: table with the groups of each record; default: DATA");
    v("id_column", id_column, "Of a model: column of the ids in the table with the groups; inferred if not set");
    v("intersections", intersections, "Also compare the groups formed by all columns together");
    v("equalize", equalize,
      "Of a model: choose thresholds by group on these data that give all groups equal odds (Hardt et al. 2016), and "
      "write the model with them");
    v("swap", swap,
      "Of a model of texts, instead of groups: file of pairs of terms, such as he,she, one pair a line. Swaps them in "
      "each text and measures how far the predictions move");
    v("samples", samples, "Bootstrap samples for the intervals; 0: no intervals", Range{0, 100000});
    v("level", level, "Confidence level of the intervals", Range{0.5, 0.9999});
    v("seed", seed, "Random seed of the bootstrap");
  }

  DecisionOptions reading(const std::vector<std::string>& bands) const {
    return {.groups = groups,
            .bands = bands,
            .label = label,
            .prediction = prediction,
            .score = score,
            .positive = positive,
            .threshold = threshold,
            .times = rising_times(),
            .id = id_column};
  }

  std::vector<double> rising_times() const {
    std::vector<double> out;
    for (const std::string& text : times) {
      const std::optional<double> time = parse_number(text);
      if (!time || !(*time > (out.empty() ? 0 : out.back()))) {
        fail_usage("times: expected rising numbers above 0, got {}{}", quoted_cell(text),
                   out.empty() ? "" : fmt::format(" after {}", out.back()));
      }
      out.push_back(*time);
    }
    return out;
  }
};

bool is_model(const fs::path& path) { return fs::is_directory(path) || path.extension() == ".recur"; }

struct AuditCommand {
  explicit AuditCommand(const Words& words) {
    config.add(flags);
    const std::string path = first_path(words);
    if (!path.empty() && is_model(path)) {
      model = load_trained(path);
      model->declare_use(model_config);
    }
    arguments.positional("MODEL|TABLE", first);
    arguments.positionals("DATA", data, false);
    arguments.config(config);
    arguments.config(model_config, [this](const ConfigField& field) { return config.find(field.key) == nullptr; });
    arguments.texts("--bands", bands, "COLUMN=EDGES", "Put the numbers of a group column into bands: age=25,45");
    arguments.texts("--privileged", privileged, "COLUMN=GROUP", "Compare all others with this group: race=White");
    arguments.text("--out", out, "FILE", "Also write every figure to this CSV file");
    arguments.text("--model-out", model_out, "FILE", "With --equalize: file of the model with thresholds");
    arguments.flag("--json", json, "Print one JSON object");
    arguments.flag("--quiet", quiet, "Print warnings and errors only, besides the result");
  }

  ReadDecisions read() const {
    const DecisionOptions how = flags.reading(bands);
    if (!model) {
      if (!flags.times.empty()) fail_usage("times: expected a model of records, got a table of decisions");
      if (!data.empty()) fail_usage("audit: expected one table, or a model and its data; '{}' is not a model", first);
      return read_decisions(DataFile(first), how);
    }
    if (data.empty()) fail_usage("audit: DATA is missing: the records to audit the model on");
    if (!flags.prediction.empty() || !flags.score.empty()) {
      fail_usage("audit: prediction and score name columns of a table of decisions; they do not apply to a model");
    }
    const std::string& groups = flags.groups_file.empty() ? data[0] : flags.groups_file;
    if (flags.groups_file.empty() && data.size() > 1) {
      fail_usage("audit: with {} data files, set groups_file to the table that has the groups", data.size());
    }
    return read_decisions(*model, DataFiles(data.begin(), data.end()), DataFile(groups), how);
  }

  AuditFlags flags;
  std::string first, out, model_out;
  std::vector<std::string> data, bands, privileged;
  bool json = false, quiet = false;
  std::unique_ptr<Trained> model;
  Config config, model_config;
  Arguments arguments{
      "recur audit MODEL DATA... --groups COLUMNS [options]\n       recur audit TABLE --groups COLUMNS [options]\n"
      "       recur audit MODEL TEXTS... --swap PAIRS [options]",
      "Compares how decisions treat groups: rates by group, with intervals, and the gaps between groups; of\n"
      "models that decide nothing the metrics of the task. With --swap, how far predictions of texts move when\n"
      "terms take each other's place.\n"
      "MODEL is a .recur file or a run folder; TABLE has a row for each decision, whoever made it."};
};

// Gives the model thresholds by group, writes it, and returns what it decides with them.
ReadDecisions equalized(AuditCommand& command, const ReadDecisions& before) {
  GroupThresholds thresholds = fit_group_thresholds(before, command.flags.reading(command.bands));
  log_info("thresholds by group: every group has true positive rate {:.4f} and false positive rate {:.4f}",
           thresholds.true_positive_rate, thresholds.false_positive_rate);
  // Of what this command was given the file keeps the thresholds alone: paths of this folder say nothing in another.
  const std::unique_ptr<Trained> kept = load_trained(command.first);
  kept->set_group_thresholds(thresholds);
  kept->save(command.model_out, read_model_facts(command.first));
  log_info("model with these thresholds: {}", command.model_out);
  // From here on the model, too, wants to know the groups.
  const ConfigField* groups = command.model_config.find("decision_groups");
  if (groups != nullptr && !groups->given && !command.flags.groups_file.empty()) {
    command.model_config.set_from_string(groups->key, command.flags.groups_file);
  }
  command.model->set_group_thresholds(thresholds);
  return command.read();
}

void write_figures(const Table& figures, const std::string& path) {
  FileSink sink(path, false);
  sink.columns(figures.columns);
  for (const auto& row : figures.rows) sink.row(row);
  sink.commit();
}

void check_swap(const AuditCommand& command) {
  const AuditFlags& flags = command.flags;
  if (!command.model) fail_usage("swap: expected a model, got {}", quoted_cell(command.first));
  if (command.data.empty()) fail_usage("audit: DATA is missing: the texts to swap terms in");
  const std::pair<bool, const char*> others[] = {{!flags.groups.empty(), "groups"},
                                                 {!flags.times.empty(), "times"},
                                                 {!flags.label.empty(), "label"},
                                                 {!flags.prediction.empty(), "prediction"},
                                                 {!flags.score.empty(), "score"},
                                                 {flags.threshold.has_value(), "threshold"},
                                                 {!flags.groups_file.empty(), "groups_file"},
                                                 {!flags.id_column.empty(), "id_column"},
                                                 {flags.equalize, "equalize"},
                                                 {!command.bands.empty(), "bands"},
                                                 {!command.privileged.empty(), "privileged"}};
  for (const auto& [is_given, name] : others) {
    if (is_given) fail_usage("{}: compares groups, and swap does not: expected one of both", name);
  }
}

// A row a pair, with its figures beside each other.
std::string swap_text(const Counterfactual& found) {
  Table table{.name = "", .columns = {"pair", "texts"}, .rows = {}};
  for (const auto& row : found.figures.rows) {
    const std::string pair = text_of(row[0]), measure = text_of(row[1]);
    if (pair == "all") table.columns.push_back(measure);
    if (table.rows.empty() || text_of(table.rows.back()[0]) != pair) table.rows.push_back({row[0], row[5]});
    // A pair may lack a figure that all have.
    auto& cells = table.rows.back();
    while (cells.size() < table.columns.size() && table.columns[cells.size()] != measure)
      cells.emplace_back("undefined");
    const auto low = number_of(row[3]), high = number_of(row[4]);
    const std::string value = fmt::format("{:.4f}", *number_of(row[2]));
    cells.emplace_back(low && high ? fmt::format("{} ({:.3f} .. {:.3f})", value, *low, *high) : value);
  }
  for (auto& row : table.rows) row.resize(table.columns.size(), TableCell("undefined"));
  return table_text(table) + "\nthe texts that move furthest\n" + table_text(found.texts);
}

int run_swap(const AuditCommand& command) {
  check_swap(command);
  const AuditFlags& flags = command.flags;
  const TermPairs pairs = TermPairs::read(DataFile(flags.swap));
  const Counterfactual found =
      swap_terms(*command.model, DataFiles(command.data.begin(), command.data.end()), pairs,
                 {.positive = flags.positive, .bootstrap = {flags.samples, flags.level, flags.seed}});
  for (const std::string& note : found.notes) log_info("{}", note);
  log_info("{} of {} texts have a term", found.with_terms, found.read);
  if (!command.out.empty()) write_figures(found.figures, command.out);
  if (command.json) {
    print(json_line({{"read", found.read},
                     {"texts", found.with_terms},
                     {"figures", table_json(found.figures)},
                     {"furthest", table_json(found.texts)}}));
  } else {
    print(swap_text(found));
  }
  return kDone;
}

}  // namespace

int run_audit(const Words& words) {
  AuditCommand command(words);
  if (!command.arguments.parse(words)) return kDone;
  if (command.quiet) hide_notes();
  std::vector<std::string> inputs = command.data;
  inputs.push_back(command.model ? command.flags.groups_file : command.first);
  inputs.push_back(command.flags.swap);
  check_outputs({{"--out", command.out}, {"--model-out", command.model_out}}, command.model ? command.first : "",
                inputs);
  if (!command.flags.swap.empty()) return run_swap(command);
  if (command.flags.equalize && !command.model) fail_usage("equalize: expected a model, got a table of decisions");
  if (command.flags.equalize != !command.model_out.empty()) {
    fail_usage("equalize: --equalize and --model-out FILE must be given together");
  }
  if (command.flags.equalize && !command.flags.times.empty()) {
    fail_usage("times: thresholds by group (equalize) are for the end of a record: expected one of both");
  }
  ReadDecisions read = command.read();
  if (command.flags.equalize) read = equalized(command, read);
  for (const std::string& note : read.notes) log_info("{}", note);
  const AuditFlags& flags = command.flags;
  const Audit result = audit(read.decisions, {.privileged = command.privileged,
                                              .intersections = flags.intersections,
                                              .bootstrap = {flags.samples, flags.level, flags.seed}});
  for (const std::string& note : result.notes) log_info("{}", note);
  if (!command.out.empty()) write_figures(result.figures, command.out);
  if (command.json) {
    print(json_line({{"records", read.decisions.size()}, {"figures", table_json(result.figures)}}));
    return kDone;
  }
  std::string text;
  for (const Table& each : result.tables) text += (text.empty() ? "" : "\n") + each.name + "\n" + table_text(each);
  print(text);
  return kDone;
}

}  // namespace recur::cli
