// How well scores tell positive from negative answers, as charts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recur/plot/line_chart.h"
#include "recur/tasks/kept_rows.h"
#include "recur/tasks/metrics/ranking.h"

namespace recur {

// One answer and the scores of all examples: probabilities of it.
struct ScoredAnswer {
  std::string name;
  std::vector<Scored> examples;
};

// True over false positive rates, with the area; and precision over recall, with the average precision.
LineChart roc_chart(std::span<const ScoredAnswer> answers);
LineChart precision_recall_chart(std::span<const ScoredAnswer> answers);
// How often answers are positive over their probability, in ten bins of equal width; on the diagonal they are
// calibrated.
LineChart calibration_chart(std::span<const ScoredAnswer> answers);

// From the rows of evaluate and predict of a classifier (a column p.LABEL for each class) or a diagnosis (rows with
// label, answer and probability). Of two classes the second one alone; of more than `most` the most frequent ones.
// Empty for other tasks.
std::vector<ScoredAnswer> scored_answers(const KeptRows& examples, const KeptRows& predictions, size_t most = 8);

}  // namespace recur
