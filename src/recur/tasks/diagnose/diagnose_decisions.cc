// What a diagnosis decides: whether one of its labels holds.
#include <fmt/format.h>

#include <algorithm>

#include "recur/base/error.h"
#include "recur/tasks/diagnose/diagnose_trained.h"
#include "recur/tasks/diagnose/early_warning.h"
#include "recur/tasks/groups/model_decisions.h"
#include "recur/tasks/hold_out.h"

namespace recur {

ModelDecisions DiagnoseTrained::decisions(const DataFiles& data, const DecisionRequest& request) const {
  const KeptRows examples = scored_examples(*this, data);
  KeptRows predicted;
  predict(data, predicted);
  const size_t label = *examples.find("label"), answer = *examples.find("answer");
  std::vector<std::string> labels;
  for (const auto& row : examples.rows()) {
    std::string name = text_of(row[label]);
    if (std::ranges::find(labels, name) == labels.end()) labels.push_back(std::move(name));
  }
  if (request.label.empty() && labels.size() > 1) {
    fail_usage("audit: which of the model's labels? Set label to it; labels: {}", fmt::join(labels, ", "));
  }
  const std::string name = request.label.empty() ? labels.at(0) : request.label;
  if (std::ranges::find(labels, name) == labels.end()) {
    fail_usage("label: the model has no '{}'; labels: {}", name, fmt::join(labels, ", "));
  }
  refuse_request(!request.positive.empty(), "positive",
                 "a diagnosis is positive where its label holds; --label chooses it");
  const double threshold = request.threshold.value_or(0.5);
  const auto decided = decisions_in(predicted);
  refuse_threshold(request, !decided.empty());
  refuse_request(!request.times.empty() && !decided.empty(), "times",
                 "the model decides by the thresholds of its groups, which are for the end of a record");
  ModelDecisions out{.ids = {}, .records = {}, .probabilities = true};
  for (const auto& row : examples.rows()) {
    if (text_of(row[label]) != name) continue;
    const double probability = *number_of(row[*examples.find("probability")]);
    out.ids.push_back(text_of(row[0]));
    out.records.push_back({.chosen = probability >= threshold,
                           .actual = *number_of(row[answer]) != 0,
                           .score = probability,
                           .loss = number_of(row[*examples.find("loss")])});
    if (const auto at = decided.find(out.ids.back()); at != decided.end()) out.records.back().chosen = at->second;
  }
  if (!request.times.empty()) {
    const SequenceSet set = read(data, true);
    const DiagnoseExamples encoded = encode_records(set, all_of(set.size()), encoder_, &labels_);
    const auto l = std::ranges::find(labels_.names(), name) - labels_.names().begin();
    out.by_time = alarms_by_time(score(encoded, &set), encoded, l, threshold, options_.data.grid.step, request.times);
  }
  out.positive = name;
  out.note = decided.empty() ? fmt::format("positive: {}, where its probability is {} or more", name, threshold)
                             : fmt::format("positive: {}, where the thresholds of its group say so", name);
  return out;
}

}  // namespace recur
