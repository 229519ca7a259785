// A report on training runs: what was trained on what, how it went, and how good the model is, as one HTML page. The
// same runs give the same bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/io/metrics_log.h"
#include "recur/report/answer_charts.h"
#include "recur/tasks/evaluation.h"
#include "recur/tasks/sink.h"

namespace recur {

// A row of gradients.jsonl: norms of the gradient by layer and time step.
struct GradientNorms {
  int64_t step = 0;
  std::vector<std::vector<double>> of_layers;
};

// What moved a prediction, as SVG, and in words.
struct ReportExplanation {
  std::string svg, caption;
};

// How good a model is on data.
struct ReportEvaluation {
  std::string data;
  std::string unit;  // of examples: "sequences"
  Evaluation result;
  std::vector<ScoredAnswer> answers = {};  // of a classifier or a diagnosis
  Table worst = {};                        // the examples with the largest losses, worst first
  std::vector<Picture> pictures = {};      // SVG, of forecasts
  std::vector<ReportExplanation> explanations = {};
  std::vector<Table> groups = {};  // of an audit
  Table group_figures = {};        // the same for programs
  std::vector<std::string> notes = {};
};

struct ReportRun {
  std::string name;
  Description facts;                                   // of the model, its data and how it was trained
  Description options;                                 // that differ from their defaults
  std::optional<std::vector<std::string>> given = {};  // those of them that were given; the others the task has chosen
  std::vector<MetricsRow> history;                     // as it was logged
  std::vector<GradientNorms> gradients = {};
  std::optional<int64_t> best_step = {};
  std::optional<ReportEvaluation> evaluation = {};
};

// Of options that differ from their defaults, those that were given and those that the task chose by the data. Of a run
// that does not tell them apart all are the first part.
struct OptionParts {
  std::string title;  // of `given`
  Description given, chosen;
};
inline constexpr const char* kChosenOptions = "Options chosen by the data";
OptionParts option_parts(const ReportRun& run);

std::string report_html(const std::string& title, std::span<const ReportRun> runs);

// gradients.jsonl. Lines that are no rows are passed over with a warning, as read_metrics() does.
std::vector<GradientNorms> read_gradients(const std::filesystem::path& path);

// The rows of evaluate() with the largest losses.
Table worst_examples(const KeptRows& examples, size_t most = 10);

}  // namespace recur
