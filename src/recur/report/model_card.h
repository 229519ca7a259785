// A model card (Mitchell et al., 2019): what a model is, what it was trained on, how good it is, for whom, and where
// its figures end; as Markdown.
#pragma once

#include <string>
#include <vector>

#include "recur/report/report.h"
#include "recur/tasks/trained.h"

namespace recur {

// The model's own facts and options come from `run`, whose evaluation is its test. The same model gives the same card.
std::string model_card(const ReportRun& run, const TaskInfo& task);

// What a reader must not conclude from the card: a test that is missing or small, groups that were not compared or have
// few examples, a baseline that is as good. A sentence each.
std::vector<std::string> card_limits(const ReportRun& run);

}  // namespace recur
