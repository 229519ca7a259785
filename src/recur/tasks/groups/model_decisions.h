// What the decisions() of tasks are made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/string_map.h"
#include "recur/tasks/groups/decision.h"
#include "recur/tasks/kept_rows.h"
#include "recur/tasks/trained.h"

namespace recur {

// The rows that the model's evaluate() writes for the examples. Throws Error where there are none, UsageError where
// times are asked for: a model that decides earlier needs more than these rows.
KeptRows scored_examples(const Trained& model, const DataFiles& data, const DecisionRequest& request);

// Of what makes no positive decisions: the losses and the metrics of the task. Throws UsageError for a request, and
// where there are no losses.
ModelDecisions measured_decisions(const Trained& model, const KeptRows& examples, const DecisionRequest& request);

// Throws UsageError where a part of the request is given that the model has no use for.
void refuse_request(bool is_given, std::string_view option, std::string_view why);
// The same for a threshold that is no probability, or beside thresholds by group.
void refuse_threshold(const DecisionRequest& request, bool decided_by_group);

// What thresholds by group decided, by the names of the records; empty where the model has none.
internal::StringMap<std::optional<bool>> decisions_in(const KeptRows& predicted);

}  // namespace recur
