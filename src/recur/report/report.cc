#include "recur/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/plot/count_matrix.h"
#include "recur/plot/line_chart.h"
#include "recur/report/html_page.h"

namespace recur {
namespace {

std::optional<double> metric_of(const MetricsRow& row, std::string_view name) {
  const auto at = std::ranges::find(row.metrics, name, &Metric::name);
  if (at == row.metrics.end()) return {};
  return at->value;
}

// The values of a metric over the steps at which it was logged.
Curve curve_of(const std::vector<MetricsRow>& history, std::string_view metric, std::string name) {
  Curve curve{.name = std::move(name), .xs = {}, .ys = {}};
  for (const MetricsRow& row : history) {
    const auto value = metric_of(row, metric);
    if (!value) continue;
    curve.xs.push_back(static_cast<double>(row.step));
    curve.ys.push_back(*value);
  }
  return curve;
}

// Of all runs, in the order in which they first come.
std::vector<std::string> metrics_of(std::span<const ReportRun> runs) {
  std::vector<std::string> names;
  for (const ReportRun& run : runs) {
    for (const MetricsRow& row : run.history) {
      for (const Metric& metric : row.metrics) {
        if (std::ranges::find(names, metric.name) == names.end()) names.push_back(metric.name);
      }
    }
  }
  return names;
}

// A chart over the steps, of the metrics with these names in every run.
LineChart history_chart(std::span<const ReportRun> runs, const std::string& title,
                        const std::vector<std::string>& names, const std::vector<std::string>& short_names) {
  LineChart chart{.title = title, .x_label = "step", .y_label = "", .curves = {}};
  for (const ReportRun& run : runs) {
    for (size_t k = 0; k < names.size(); ++k) {
      const std::string of_run =
          runs.size() > 1 ? run.name + (names.size() > 1 ? " " + short_names[k] : "") : short_names[k];
      Curve curve = curve_of(run.history, names[k], of_run);
      if (!curve.xs.empty()) chart.curves.push_back(std::move(curve));
    }
  }
  if (runs.size() == 1 && runs[0].best_step) {
    chart.mark = static_cast<double>(*runs[0].best_step);
    chart.mark_label = fmt::format("best: step {}", *runs[0].best_step);
  }
  return chart;
}

void add_chart(HtmlPage& page, const LineChart& chart, const std::string& caption) {
  if (chart.curves.empty()) return;
  page.figure(line_chart_svg(chart), caption);
}

// The losses of training and validation together, and every other metric of its own.
void add_history(HtmlPage& page, std::span<const ReportRun> runs) {
  const std::vector<std::string> names = metrics_of(runs);
  if (names.empty()) return;
  page.heading(2, "Course of the training");
  add_chart(page, history_chart(runs, "Loss", {"train_loss", "valid_loss"}, {"training", "validation"}),
            "Loss over the steps, of training and, where there is one, of validation.");
  for (const std::string& name : names) {
    if (name == "train_loss" || name == "valid_loss" || name == "train_seconds") continue;
    const std::string words = spaced(name);
    add_chart(page, history_chart(runs, words, {name}, {words}), fmt::format("{} over the steps.", words));
  }
}

// The last row of gradients: how far back the loss of the last step reaches.
void add_gradients(HtmlPage& page, std::span<const ReportRun> runs) {
  for (const ReportRun& run : runs) {
    if (run.gradients.empty()) continue;
    const GradientNorms& last = run.gradients.back();
    LineChart chart{.title = fmt::format("Gradient by time step, at step {}", last.step),
                    .x_label = "time step",
                    .y_label = "log10 of the norm",
                    .curves = {}};
    for (size_t layer = 0; layer < last.of_layers.size(); ++layer) {
      Curve curve{.name = fmt::format("layer {}", layer + 1), .xs = {}, .ys = {}};
      for (size_t t = 0; t < last.of_layers[layer].size(); ++t) {
        const double norm = last.of_layers[layer][t];
        curve.xs.push_back(static_cast<double>(t + 1));
        curve.ys.push_back(norm > 0 ? std::log10(norm) : std::nan(""));
      }
      chart.curves.push_back(std::move(curve));
    }
    add_chart(page, chart,
              fmt::format("{}: norm of the gradient of the loss with respect to the states, by time step and layer.",
                          run.name));
  }
}

Table facts_table(const Description& facts) {
  Table table{.name = "", .columns = {"fact", "value"}, .rows = {}};
  for (const Fact& fact : facts) table.rows.push_back({spaced(fact.name), fact.value});
  return table;
}

// A row for each name that any run has, a column for each run; with `differing`, those alone that are not alike.
Table side_by_side(std::span<const ReportRun> runs, Description ReportRun::*part, bool differing) {
  Table table{.name = "", .columns = {"fact"}, .rows = {}};
  std::vector<std::string> names;
  for (const ReportRun& run : runs) {
    table.columns.push_back(run.name);
    for (const Fact& fact : run.*part) {
      if (std::ranges::find(names, fact.name) == names.end()) names.push_back(fact.name);
    }
  }
  for (const std::string& name : names) {
    std::vector<TableCell> row{spaced(name)};
    for (const ReportRun& run : runs) {
      const auto at = std::ranges::find(run.*part, name, &Fact::name);
      row.push_back(at == (run.*part).end() ? TableCell(std::string()) : at->value);
    }
    const bool alike =
        std::ranges::all_of(row.begin() + 1, row.end(), [&](const TableCell& cell) { return cell == row[1]; });
    if (!differing || !alike) table.rows.push_back(std::move(row));
  }
  return table;
}

Description metrics_facts(const Evaluation& evaluation) {
  Description facts;
  for (const Metric& metric : evaluation.metrics) facts.push_back({metric.name, metric.value});
  return facts;
}

std::optional<CountMatrix> confusion_of(const Evaluation& evaluation) {
  const auto at = std::ranges::find(evaluation.tables, "confusion", &Table::name);
  if (at == evaluation.tables.end() || at->rows.size() + 1 != at->columns.size()) return {};
  CountMatrix matrix{
      .title = "Confusion", .row_label = "actual", .column_label = "predicted", .names = {}, .counts = {}};
  for (const auto& row : at->rows) {
    matrix.names.push_back(text_of(row[0]));
    matrix.counts.emplace_back();
    for (size_t c = 1; c < row.size(); ++c) {
      matrix.counts.back().push_back(static_cast<int64_t>(number_of(row[c]).value_or(0)));
    }
  }
  return matrix;
}

void add_evaluation(HtmlPage& page, const ReportRun& run) {
  const ReportEvaluation& of = *run.evaluation;
  page.heading(2, fmt::format("{} on {}", run.name, of.data));
  page.paragraph(fmt::format("{} {}.", of.result.examples, of.unit));
  for (const std::string& note : of.notes) page.paragraph(note);
  if (!of.result.verdict.empty()) page.paragraph(of.result.verdict);
  page.table("Metrics", facts_table(metrics_facts(of.result)));
  if (const auto matrix = confusion_of(of.result)) {
    page.figure(count_matrix_svg(*matrix),
                "Confusion matrix: a row for each actual class, a column for each predicted class.");
  }
  if (!of.answers.empty()) {
    add_chart(page, roc_chart(of.answers), "True over false positive rates at every threshold.");
    add_chart(page, precision_recall_chart(of.answers), "Precision over recall at every threshold.");
    add_chart(page, calibration_chart(of.answers),
              "Share of positive answers by predicted probability; a calibrated model is on the diagonal.");
  }
  for (const Picture& picture : of.pictures)
    page.figure(picture.bytes, "Forecasts: the known values, the median and its intervals.");
  for (const Table& table : of.result.tables) {
    if (table.name != "confusion") page.table(spaced(table.name), table);
  }
  if (!of.worst.rows.empty()) page.table("Examples with the largest losses", of.worst);
  if (!of.explanations.empty()) page.heading(3, "What moved these predictions");
  for (const ReportExplanation& one : of.explanations) page.figure(one.svg, one.caption);
  for (const Table& table : of.groups) page.table(table.name, table);
}

}  // namespace

OptionParts option_parts(const ReportRun& run) {
  if (!run.given)
    return {.title = "Options that differ from their defaults, given or chosen by the data",
            .given = run.options,
            .chosen = {}};
  OptionParts out{.title = "Options that were given", .given = {}, .chosen = {}};
  for (const Fact& option : run.options) {
    const bool given = std::ranges::find(*run.given, option.name) != run.given->end();
    (given ? out.given : out.chosen).push_back(option);
  }
  return out;
}

std::string report_html(const std::string& title, std::span<const ReportRun> runs) {
  HtmlPage page(title);
  if (runs.size() > 1) {
    page.heading(2, "Side by side");
    page.table("Models", side_by_side(runs, &ReportRun::facts, false));
    const Table options = side_by_side(runs, &ReportRun::options, true);
    if (!options.rows.empty()) page.table("Options that differ between the runs", options);
    std::vector<ReportRun> measured;
    for (const ReportRun& run : runs) {
      if (run.evaluation) {
        measured.push_back(
            {.name = run.name, .facts = metrics_facts(run.evaluation->result), .options = {}, .history = {}});
      }
    }
    if (measured.size() > 1) page.table("Metrics on the test data", side_by_side(measured, &ReportRun::facts, false));
  } else {
    for (const ReportRun& run : runs) {
      page.heading(2, "What was trained");
      page.table("Model and data", facts_table(run.facts));
      const OptionParts options = option_parts(run);
      if (!options.given.empty()) page.table(options.title, facts_table(options.given));
      if (!options.chosen.empty()) page.table(kChosenOptions, facts_table(options.chosen));
    }
  }
  add_history(page, runs);
  add_gradients(page, runs);
  for (const ReportRun& run : runs) {
    if (run.evaluation) add_evaluation(page, run);
  }
  return page.html();
}

std::vector<GradientNorms> read_gradients(const std::filesystem::path& path) {
  std::vector<GradientNorms> rows;
  std::ifstream in(path);
  int64_t line = 0;
  for (std::string text; std::getline(in, text);) {
    ++line;
    try {
      const auto json = parse_json(text, 3);
      if (!json) throw JsonError("no JSON");
      GradientNorms row{.step = json->at("step").get<int64_t>(), .of_layers = {}};
      for (const Json& layer : json->at("gradient_norm")) row.of_layers.push_back(layer.get<std::vector<double>>());
      rows.push_back(std::move(row));
    } catch (const Error&) {
      log_warning("{}:{}: a line that is not a row of gradients was skipped", path.string(), line);
    }
  }
  return rows;
}

Table worst_examples(const KeptRows& examples, size_t most) {
  Table table{.name = "worst", .columns = examples.names(), .rows = {}};
  const auto loss = examples.find("loss");
  if (!loss) return table;
  std::vector<size_t> order(examples.rows().size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::erase_if(order, [&](size_t i) {
    const auto value = number_of(examples.rows()[i][*loss]);
    return !value || std::isnan(*value);
  });
  std::ranges::stable_sort(order, [&](size_t a, size_t b) {
    return *number_of(examples.rows()[a][*loss]) > *number_of(examples.rows()[b][*loss]);
  });
  for (size_t k = 0; k < std::min(most, order.size()); ++k) table.rows.push_back(examples.rows()[order[k]]);
  return table;
}

}  // namespace recur
