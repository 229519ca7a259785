#include "recur/tasks/groups/model_decisions.h"

#include "recur/base/error.h"

namespace recur {

KeptRows scored_examples(const Trained& model, const DataFiles& data, const DecisionRequest& request) {
  if (!request.times.empty()) {
    fail_usage("times: expected a model that warns early, as the task 'diagnose' trains one, got one of the task '{}'",
               model.info().name);
  }
  KeptRows examples;
  model.evaluate(data, &examples);
  if (examples.rows().empty()) fail("audit: no example of the data has a label");
  return examples;
}

void refuse_request(bool is_given, std::string_view option, std::string_view why) {
  if (is_given) fail_usage("{}: {}", option, why);
}
void refuse_threshold(const DecisionRequest& request, bool decided_by_group) {
  refuse_request(request.threshold && decided_by_group, "threshold",
                 "the model decides by the thresholds of its groups");
  if (request.threshold && !(*request.threshold >= 0 && *request.threshold <= 1)) {
    fail_usage("threshold: expected a probability from 0 to 1, got {}", *request.threshold);
  }
}

internal::StringMap<std::optional<bool>> decisions_in(const KeptRows& predicted) {
  internal::StringMap<std::optional<bool>> out;
  const std::optional<size_t> at = predicted.find("decision");
  if (!at) return out;
  for (const auto& row : predicted.rows()) {
    const std::optional<double> decision = number_of(row[*at]);
    out[text_of(row[0])] = decision ? std::optional(*decision != 0) : std::nullopt;
  }
  return out;
}

ModelDecisions measured_decisions(const Trained& model, const KeptRows& examples, const DecisionRequest& request) {
  constexpr std::string_view kWhy = "this model makes no positive or negative decisions";
  refuse_request(request.threshold.has_value(), "threshold", kWhy);
  refuse_request(!request.label.empty(), "label", kWhy);
  refuse_request(!request.positive.empty(), "positive", kWhy);
  const std::optional<size_t> loss = examples.find("loss");
  if (!loss) fail_usage("audit: {} gives no loss for each example, so there is nothing to compare", model.info().name);
  ModelDecisions out{.ids = {}, .records = {}};
  for (const auto& row : examples.rows()) {
    out.ids.push_back(text_of(row[0]));
    out.records.push_back({.loss = number_of(row[*loss])});
  }
  out.measures = model.measures(examples);
  out.note = "the loss and the metrics of the task are compared: it makes no positive or negative decisions";
  return out;
}

}  // namespace recur
