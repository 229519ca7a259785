#include "recur/report/model_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "recur/tasks/kept_rows.h"

namespace recur {
namespace {

constexpr int64_t kFewExamples = 100;

// Within a cell of a Markdown table: no line ends, no bars, no markup.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      out += ' ';
      continue;
    }
    if (std::string_view("|\\`*_<>[]").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string text_of_cell(const TableCell& value) {
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{:.4g}", *real);
  return cell(text_of(value));
}

std::string table(const Table& of) {
  std::string head, rule, rows;
  for (const std::string& name : of.columns) {
    head += fmt::format("| {} ", cell(name));
    rule += "|---";
  }
  for (const auto& row : of.rows) {
    for (const TableCell& value : row) rows += fmt::format("| {} ", text_of_cell(value));
    rows += "|\n";
  }
  return fmt::format("{}|\n{}|\n{}\n", head, rule, rows);
}

std::string facts(const Description& of) {
  Table out{.name = "", .columns = {"fact", "value"}, .rows = {}};
  for (const Fact& fact : of) out.rows.push_back({spaced(fact.name), fact.value});
  return table(out);
}

Description metrics_of(const Evaluation& evaluation) {
  Description out;
  for (const Metric& metric : evaluation.metrics) out.push_back({metric.name, metric.value});
  return out;
}

const Table* methods_of(const Evaluation& evaluation) {
  const auto at = std::ranges::find(evaluation.tables, "methods", &Table::name);
  return at == evaluation.tables.end() ? nullptr : &*at;
}

std::string figures(const ReportRun& run) {
  if (!run.evaluation) return "Not measured on test data.\n\n";
  const ReportEvaluation& of = *run.evaluation;
  std::string out =
      fmt::format("On {}: {} {}.\n\n{}", cell(of.data), of.result.examples, of.unit, facts(metrics_of(of.result)));
  if (const Table* methods = methods_of(of.result)) {
    out += "Next to baselines trained on the same data:\n\n" + table(*methods);
  }
  return out;
}

std::string groups(const ReportRun& run) {
  if (!run.evaluation || run.evaluation->groups.empty()) return "No groups were compared.\n\n";
  std::string out;
  for (const Table& one : run.evaluation->groups) out += fmt::format("**{}**\n\n{}", cell(one.name), table(one));
  for (const std::string& note : run.evaluation->notes) out += fmt::format("- {}\n", cell(note));
  return run.evaluation->notes.empty() ? out : out + "\n";
}

std::string sentence(std::string words) {
  if (words[0] >= 'a' && words[0] <= 'z') words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words.back() == '.' ? words : words + ".";
}

bool was_told(const ReportRun& run, std::string_view name) {
  return std::ranges::find(run.facts, name, &Fact::name) != run.facts.end();
}

}  // namespace

std::vector<std::string> card_limits(const ReportRun& run) {
  std::vector<std::string> limits;
  if (!run.evaluation) {
    limits.emplace_back("The model has not been measured on data that it has not seen.");
  } else {
    const Evaluation& result = run.evaluation->result;
    if (result.examples < kFewExamples) {
      limits.push_back(
          fmt::format("The test has {} {}: its figures are uncertain.", result.examples, run.evaluation->unit));
    }
    if (!result.verdict.empty()) limits.push_back(sentence(result.verdict));
  }
  if (!run.evaluation || run.evaluation->groups.empty()) {
    limits.emplace_back(
        "Its treatment of groups of people has not been compared. Compare it before it decides about people.");
  }
  if (!was_told(run, "training_data")) {
    limits.emplace_back("The model file does not say what it was trained on; the folder of its run does.");
  }
  limits.emplace_back(
      "The figures hold for data like those of the test. Measure again where people, devices or years differ.");
  return limits;
}

std::string model_card(const ReportRun& run, const TaskInfo& task) {
  std::string out = fmt::format("# Model card: {}\n\n", cell(run.name));
  out += fmt::format("{} (`{}`). It reads {}.\n\n", cell(task.summary), task.name, cell(task.data));
  out += "## Model and training data\n\n" + facts(run.facts);
  const OptionParts options = option_parts(run);
  if (!options.given.empty()) out += fmt::format("{}:\n\n{}", options.title, facts(options.given));
  if (!options.chosen.empty()) out += fmt::format("{}:\n\n{}", kChosenOptions, facts(options.chosen));
  out += "## Figures\n\n" + figures(run);
  out += "## Groups\n\n" + groups(run);
  out += "## Limits\n\n";
  for (const std::string& limit : card_limits(run)) out += fmt::format("- {}\n", limit);
  return out;
}

}  // namespace recur
