// recur explain: what in a record moved a model's prediction, and what the model does with it inside.
#include "recur/explain/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
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
#include "cli/table.h"
#include "recur/autograd/node.h"
#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/quantile.h"
#include "recur/base/threads.h"
#include "recur/data/files/plain_text.h"
#include "recur/explain/baseline.h"
#include "recur/explain/model_tables.h"
#include "recur/explain/picture.h"
#include "recur/explain/rows.h"
#include "recur/explain/sanity.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/trained.h"

namespace recur::cli {
namespace {

struct ExplainFlags {
  ExplainOptions how;
  std::string target, scale = "log-odds", id;
  std::optional<int64_t> step;
  int64_t records = 5, top = 10, neighbours = 5;
  std::string train, layer, state = "h";
  std::vector<int64_t> units;
  double threshold = 0.3;
  bool sanity = false;
  int threads = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("method", how.method,
      "What is computed. Attributions: integrated-gradients, gradient-input, occlusion, shapley (all coalitions of up "
      "to 12 parts, else random orders), shapley-exact, kernel-shap. Inside of the model: attention, states (of units, "
      "and the channels that they follow), gates (how open they are), memory (how far back the model looks), "
      "neighbours (similar records)",
      OneOf{"integrated-gradients", "gradient-input", "occlusion", "shapley", "shapley-exact", "kernel-shap",
            "attention", "states", "gates", "memory", "neighbours"});
    v("target", target,
      "Output to explain: a class, label, tag or symbol, mean or a quantile such as q0.9, sequence; default: the "
      "model's prediction");
    v("step", step, "Step of the output that is explained, from 1; default: by the task", Range{1, 1e9});
    v("scale", scale, "Scale of the scores of classes, labels, tags and symbols", OneOf{"log-odds", "probability"});
    v("by", how.by, "Parts that a score is attributed to: each channel at each step, whole steps, or whole channels",
      OneOf{"cell", "step", "channel"});
    v("window", how.window, "Number of steps in a part; for occlusion the length of the sliding window", Range{1, 1e6});
    v("baseline", how.baseline,
      "Record to compare with: zeros, its mean (for texts that of all vectors), a record without information "
      "(padding), or its own first step; auto: padding for diagnose, mean for forecasts with decoder = smoothing, else "
      "zero",
      OneOf{"auto", "zero", "mean", "padding", "first"});
    v("points", how.points, "Points of integrated gradients", Range{1, 10000});
    v("samples", how.samples, "Approximate number of runs of the model for sampled Shapley values", Range{1, 1e7});
    v("level", how.level, "Confidence level of the intervals of Shapley values", Range{0.5, 0.9999});
    v("seed", how.seed, "Random seed of the samples");
    v("records", records, "Number of records to explain, from the first; 0: all", Range{0, 1e9});
    v("id", id, "Explain only the record with this id");
    v("top", top, "Number of parts to show of each record, the largest first", Range{1, 1e6});
    v("sanity", sanity,
      "Also compare attributions with those of random weights in the model's place (Adebayo et al. 2018)");
    v("train", train, "neighbours: file of the records to search, such as the training data");
    v("neighbours", neighbours, "neighbours: number of records to find", Range{1, 1e6});
    v("layer", layer, "states: layer, such as rnn.l0; default: the last one");
    v("state", state, "states: h, or c of an LSTM");
    v("units", units, "states: find the steps at which all of these units are on, such as 3,17");
    v("threshold", threshold, "states: lowest value at which a unit is on", Range{-1e9, 1e9});
    v("threads", threads, "Number of threads; 0: the environment variable RECUR_THREADS, or 1 if it is not set",
      Range{0, 1024});
  }

  ExplainTarget explained() const { return {.name = target, .step = step, .probability = scale == "probability"}; }
};

struct ExplainCommand {
  explicit ExplainCommand(const Words& words) {
    config.add(flags);
    const std::string path = first_path(words);
    if (path.empty() && !wants_help(words)) {
      fail_usage("MODEL is missing; usage: recur explain MODEL DATA... [options]");
    }
    if (!path.empty()) {
      trained = load_trained(path);
      trained->declare_use(model_config);
    }
    arguments.positional("MODEL", model);
    arguments.positionals("DATA", data);
    arguments.config(config);
    arguments.config(model_config, [this](const ConfigField& field) {
      return field.writes == Writes::kNothing && config.find(field.key) == nullptr;
    });
    arguments.text("--out", out, "FILE", "Write every value: CSV, or JSON to a name that ends with .json");
    arguments.text("--chart", chart, "FILE", "Write a chart of the attributions or the attention as SVG");
    arguments.flag("--json", json, "Print one JSON object");
    arguments.flag("--quiet", quiet, "Print warnings and errors only, besides the result");
  }

  bool parse(const Words& words) {
    if (!arguments.parse(words)) return false;
    if (std::ranges::count(data, "") > 0) fail_usage("DATA: expected a path, got ''");
    if (quiet) hide_notes();
    if (!chart.empty() && !gives_attributions() && flags.how.method != "attention") {
      fail_usage("chart: only attributions and attention can be drawn");
    }
    if (flags.threads > 0) set_threads(flags.threads);
    std::vector<std::string> inputs = data;
    if (!flags.train.empty()) inputs.push_back(flags.train);
    check_outputs({{"--out", out}, {"--chart", chart}}, model, inputs);
    return true;
  }

  bool gives_attributions() const { return std::ranges::count(attribution_methods(), flags.how.method) > 0; }

  DataFiles files() const {
    DataFiles all;
    for (const std::string& each : data) all.push_back(each == "-" ? DataFile::standard_input() : DataFile(each));
    return all;
  }

  ExplainFlags flags;
  std::string model, out, chart;
  std::vector<std::string> data;
  bool json = false, quiet = false;
  std::unique_ptr<Trained> trained;
  Config config, model_config;
  Arguments arguments{
      "recur explain MODEL DATA... [options]",
      "Explains what in each record moved the prediction of a model, and shows the inside of the model.\n"
      "MODEL is a .recur file or a run folder."};
};

// The records to explain; of those without steps one alone is an error, of several they are left out.
std::vector<int64_t> chosen_records(const ExplainableData& data, const ExplainFlags& flags) {
  std::vector<int64_t> out;
  int64_t empty = 0;
  for (int64_t i = 0; i < data.size(); ++i) {
    if (!flags.id.empty() && data.id(i) != flags.id) continue;
    if (flags.id.empty() && flags.records > 0 && std::ssize(out) == flags.records) break;
    if (flags.id.empty() && data.size() > 1 && data.steps(i) == 0) {
      ++empty;
      continue;
    }
    out.push_back(i);
  }
  if (empty > 0)
    log_warning("{} no steps and {} left out", counted(empty, "record has", "records have"), empty == 1 ? "is" : "are");
  if (out.empty() && !flags.id.empty()) fail("there is no record with the id {}", quoted_cell(flags.id));
  if (out.empty()) fail("there are no records to explain");
  return out;
}

void write_table(const Table& table, const std::string& path) {
  if (path.ends_with(".json")) return write_output(path, json_line(table_json(table)));
  FileSink sink(path, false);
  sink.columns(table.columns);
  for (const auto& row : table.rows) sink.row(row);
  sink.commit();
}

// Of several records, in their order.
struct Attributions {
  std::vector<std::unique_ptr<Explainable>> records;
  std::vector<Attribution> values;

  std::optional<double> rank_correlation = {};  // with those of random weights, the mean over records

  Json json(const ExplainFlags& flags) const {
    Json all = Json::array();
    for (size_t i = 0; i < records.size(); ++i) all.push_back(attribution_json(records[i]->read(), values[i]));
    Json out{{"method", flags.how.method},
             {"by", flags.how.by},
             {"baseline", chosen_baseline(records[0]->read(), flags.how.baseline)}};
    const std::vector<double> residuals = sorted_residuals();
    if (!residuals.empty()) {
      out.add("median_residual", quantile(std::span<const double>(residuals), 0.5));
      out.add("largest_residual", residuals.back());
    }
    if (rank_correlation) out.add("rank_correlation_with_random_weights", *rank_correlation);
    out.add("records", std::move(all));
    return out;
  }

  Table table() const {
    const bool text = !records[0]->read().tokens.empty();
    const bool intervals = std::ranges::any_of(values, [](const Attribution& a) { return !a.low.empty(); });
    Table out{.name = "attributions", .columns = attribution_columns(text, intervals), .rows = {}};
    for (size_t i = 0; i < records.size(); ++i) {
      for (auto& row : attribution_rows(records[i]->read(), values[i], intervals)) out.rows.push_back(std::move(row));
    }
    return out;
  }

  std::string svg() const {
    std::vector<Explained> all;
    for (size_t i = 0; i < records.size(); ++i) all.push_back({records[i]->read(), values[i]});
    return attribution_svg(all);
  }

  std::string text(int64_t top) const {
    std::string out;
    for (size_t i = 0; i < records.size(); ++i) {
      const ReadRecord& read = records[i]->read();
      const Attribution& of = values[i];
      out += fmt::format("{}{}: {}, {} {:.4g}; baseline {:.4g}\n", i > 0 ? "\n" : "", harmless(read.id),
                         harmless(read.target), read.scale, of.score, of.baseline_score);
      std::vector<std::vector<std::string>> rows;
      for (const size_t k : largest_parts(of, static_cast<size_t>(top))) {
        rows.push_back({harmless(part_text(read, of.parts[k])), fmt::format("{:+.4g}", of.values[k])});
        if (!of.low.empty()) rows.back().push_back(fmt::format("{:+.4g} .. {:+.4g}", of.low[k], of.high[k]));
      }
      const bool intervals = !of.low.empty();
      if (!rows.empty()) out += cli::table(rows, intervals ? "lrl" : "lr");
    }
    if (const std::vector<double> residuals = sorted_residuals(); !residuals.empty()) {
      out += fmt::format("\nresidual of completeness: median {:.2g}, largest {:.2g}\n",
                         quantile(std::span<const double>(residuals), 0.5), residuals.back());
    }
    if (rank_correlation) out += fmt::format("rank correlation with random weights: {:.2f}\n", *rank_correlation);
    return out;
  }

 private:
  std::vector<double> sorted_residuals() const {
    std::vector<double> out;
    for (const Attribution& each : values) {
      if (each.residual) out.push_back(*each.residual);
    }
    std::ranges::sort(out);
    return out;
  }
};

Attributions attribute_all(const ExplainedRecords& records, const ExplainOptions& how) {
  Attributions out;
  for (const int64_t i : records.which) {
    out.records.push_back(records.data.record(i, records.target));
    const ReadRecord& read = out.records.back()->read();
    if (!read.note.empty()) log_info("record {}: {}", quoted_cell(read.id), read.note);
    out.values.push_back(attribute(*out.records.back(), how));
    if (const std::string& note = out.values.back().note; !note.empty()) {
      log_info("record {}: {}", quoted_cell(read.id), note);
    }
  }
  return out;
}

// The same records and targets explained with random weights. The model is not used any more afterwards.
double compare_with_random(Trained& model, const Attributions& all, const ExplainOptions& how) {
  Random random(how.seed);
  randomise(model.module(), random);
  double sum = 0;
  for (size_t i = 0; i < all.records.size(); ++i) {
    sum += rank_correlation(attribute(*all.records[i], how).values, all.values[i].values);
  }
  return sum / static_cast<double>(all.records.size());
}

void show_attributions(const ExplainCommand& command, const ExplainedRecords& records) {
  Attributions all = attribute_all(records, command.flags.how);
  if (command.flags.sanity) all.rank_correlation = compare_with_random(*command.trained, all, command.flags.how);
  if (!command.out.empty()) {
    command.out.ends_with(".json") ? write_output(command.out, json_line(all.json(command.flags)))
                                   : write_table(all.table(), command.out);
  }
  if (!command.chart.empty()) write_output(command.chart, all.svg());
  print(command.json ? json_line(all.json(command.flags)) : all.text(command.flags.top));
}

void draw_attention(const ExplainCommand& command, const ExplainedRecords& records) {
  if (records.which.size() > 1) log_info("the chart shows the first record");
  const autograd::NoGrad no_grad;
  const auto record = records.data.record(records.which[0], records.target);
  const ReadRecord& read = record->read();
  write_output(command.chart,
               attention_svg(read, record->attention(reshape(read.x, {read.steps(), 1, read.features()}))));
}

Table inside_table(const ExplainCommand& command, const ExplainedRecords& records) {
  const ExplainFlags& flags = command.flags;
  const std::string& method = flags.how.method;
  if (method == "attention") return attention_table(records);
  if (method == "gates") return gate_table(records);
  if (method == "neighbours") {
    if (flags.train.empty()) fail_usage("neighbours: set --train to the records to search");
    const auto others = command.trained->explainable({DataFile(flags.train)});
    return neighbour_table(records, *others, flags.neighbours);
  }
  if (method == "memory") {
    MemoryTable memory = memory_table(records);
    log_info("effective memory: {} steps hold 90 % of the gradient, {} half of it", memory.steps_of_most,
             memory.steps_of_half);
    return std::move(memory.table);
  }
  StateChoice choice{.layer = flags.layer, .state = flags.state, .units = {}, .threshold = flags.threshold};
  for (const int64_t unit : flags.units) choice.units.push_back(unit - 1);
  if (!choice.units.empty()) return unit_run_table(records, choice);
  const bool all = !command.out.empty();
  return all ? state_table(records) : correlation_table(records, choice, flags.top);
}

void show_inside(const ExplainCommand& command, const ExplainedRecords& records) {
  const Table table = inside_table(command, records);
  if (!command.chart.empty()) draw_attention(command, records);
  if (!command.out.empty()) return write_table(table, command.out);
  print(command.json ? json_line(table_json(table)) : table_text(table));
}

}  // namespace

int run_explain(const Words& words) {
  ExplainCommand command(words);
  if (!command.parse(words)) return kDone;
  const auto data = command.trained->explainable(command.files());
  const ExplainedRecords records{
      .data = *data, .which = chosen_records(*data, command.flags), .target = command.flags.explained()};
  if (command.gives_attributions()) {
    show_attributions(command, records);
  } else {
    show_inside(command, records);
  }
  if (command.flags.id.empty() && std::ssize(records.which) < data->size()) {
    log_info("{} of {} records are explained (--records)", records.which.size(), data->size());
  }
  return kDone;
}

}  // namespace recur::cli
