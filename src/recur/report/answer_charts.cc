#include "recur/report/answer_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace recur {
namespace {

struct Totals {
  double positives = 0, negatives = 0;
};
Totals totals_of(std::span<const Scored> examples) {
  const auto positives = static_cast<double>(std::ranges::count(examples, true, &Scored::positive));
  return {positives, static_cast<double>(examples.size()) - positives};
}

// Calls visit(true positives, false positives) behind each score, from the highest on.
template <class Visit>
void for_each_threshold(std::span<const Scored> examples, const Visit& visit) {
  const std::vector<Scored> sorted = highest_first(examples);
  double found = 0, wrong = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    ++(sorted[i].positive ? found : wrong);
    if (i + 1 == sorted.size() || sorted[i + 1].score != sorted[i].score) visit(found, wrong);
  }
}

std::string named(const ScoredAnswer& answer, const std::optional<double>& area) {
  return area ? fmt::format("{} ({:.3f})", answer.name, *area) : answer.name;
}

LineChart square_chart(std::string title, std::string x_label, std::string y_label) {
  return {.title = std::move(title),
          .x_label = std::move(x_label),
          .y_label = std::move(y_label),
          .curves = {},
          .x_low = 0,
          .x_high = 1,
          .y_low = 0,
          .y_high = 1,
          .legend = true};
}

std::vector<ScoredAnswer> diagnosed(const KeptRows& examples, size_t most) {
  const size_t label = *examples.find("label"), answer = *examples.find("answer"),
               probability = *examples.find("probability");
  std::vector<ScoredAnswer> out;
  for (const auto& row : examples.rows()) {
    const std::string name = text_of(row[label]);
    auto at = std::ranges::find(out, name, &ScoredAnswer::name);
    if (at == out.end()) {
      if (out.size() == most) continue;
      at = out.insert(out.end(), {.name = name, .examples = {}});
    }
    const auto score = number_of(row[probability]), truth = number_of(row[answer]);
    if (score && truth) at->examples.push_back({*score, *truth != 0});
  }
  return out;
}

std::vector<ScoredAnswer> classified(const KeptRows& examples, const KeptRows& predictions, size_t most) {
  const size_t label = *examples.find("label");
  std::map<std::string, int64_t> frequency;
  for (const auto& row : examples.rows()) ++frequency[text_of(row[label])];
  std::vector<std::pair<std::string, size_t>> classes;  // and their columns
  for (size_t c = 0; c < predictions.names().size(); ++c) {
    if (predictions.names()[c].starts_with("p.")) classes.emplace_back(predictions.names()[c].substr(2), c);
  }
  if (classes.size() == 2) classes.erase(classes.begin());
  std::ranges::stable_sort(classes,
                           [&](const auto& a, const auto& b) { return frequency[a.first] > frequency[b.first]; });
  if (classes.size() > most) classes.resize(most);
  std::vector<ScoredAnswer> out;
  for (const auto& [name, column] : classes) {
    ScoredAnswer answer{.name = name, .examples = {}};
    for (size_t i = 0; i < examples.rows().size(); ++i) {
      const auto score = number_of(predictions.rows()[i][column]);
      if (score) answer.examples.push_back({*score, text_of(examples.rows()[i][label]) == name});
    }
    out.push_back(std::move(answer));
  }
  return out;
}

}  // namespace

LineChart roc_chart(std::span<const ScoredAnswer> answers) {
  LineChart chart =
      square_chart("Receiver operating characteristic (area)", "false positive rate", "true positive rate");
  chart.diagonal = true;
  for (const ScoredAnswer& answer : answers) {
    const Totals totals = totals_of(answer.examples);
    if (totals.positives == 0 || totals.negatives == 0) continue;
    Curve curve{.name = named(answer, roc_auc(answer.examples)), .xs = {0}, .ys = {0}};
    for_each_threshold(answer.examples, [&](double found, double wrong) {
      curve.xs.push_back(wrong / totals.negatives);
      curve.ys.push_back(found / totals.positives);
    });
    chart.curves.push_back(std::move(curve));
  }
  return chart;
}

LineChart precision_recall_chart(std::span<const ScoredAnswer> answers) {
  LineChart chart = square_chart("Precision and recall (average precision)", "recall", "precision");
  for (const ScoredAnswer& answer : answers) {
    const Totals totals = totals_of(answer.examples);
    if (totals.positives == 0) continue;
    Curve curve{.name = named(answer, average_precision(answer.examples)), .xs = {}, .ys = {}};
    for_each_threshold(answer.examples, [&](double found, double wrong) {
      curve.xs.push_back(found / totals.positives);
      curve.ys.push_back(found / (found + wrong));
    });
    chart.curves.push_back(std::move(curve));
  }
  return chart;
}

LineChart calibration_chart(std::span<const ScoredAnswer> answers) {
  constexpr size_t kBins = 10;
  LineChart chart = square_chart("Calibration", "probability", "share that is positive");
  chart.diagonal = true;
  for (const ScoredAnswer& answer : answers) {
    struct Bin {
      double probability = 0, positive = 0, count = 0;
    };
    std::array<Bin, kBins> bins;
    for (const Scored& example : answer.examples) {
      Bin& bin = bins[std::min(static_cast<size_t>(std::clamp(example.score, 0.0, 1.0) * kBins), kBins - 1)];
      bin.probability += example.score;
      bin.positive += example.positive ? 1 : 0;
      ++bin.count;
    }
    Curve curve{.name = answer.name, .xs = {}, .ys = {}};
    for (const Bin& bin : bins) {
      if (bin.count == 0) continue;
      curve.xs.push_back(bin.probability / bin.count);
      curve.ys.push_back(bin.positive / bin.count);
    }
    chart.curves.push_back(std::move(curve));
  }
  return chart;
}

std::vector<ScoredAnswer> scored_answers(const KeptRows& examples, const KeptRows& predictions, size_t most) {
  if (examples.find("answer") && examples.find("probability")) return diagnosed(examples, most);
  const bool classes =
      std::ranges::any_of(predictions.names(), [](const std::string& n) { return n.starts_with("p."); });
  if (!classes || !examples.find("label") || examples.rows().size() != predictions.rows().size()) return {};
  return classified(examples, predictions, most);
}

}  // namespace recur
