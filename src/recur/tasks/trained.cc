#include "recur/tasks/trained.h"

#include "recur/base/error.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/groups/model_decisions.h"
#include "recur/tasks/task_measures.h"
#include "recur/tasks/trained_graph.h"

namespace recur {

std::vector<TaskMeasure> Trained::measures(const KeptRows&) const { return {}; }

void Trained::predict(const DataFiles&, Sink&) const { fail_usage("the task '{}' cannot predict", info().name); }

void Trained::predict_edited(const DataFiles&, const TextEdit&, Sink&) const {
  fail_usage("expected a model that reads texts, as the task 'classify' trains one, got one of the task '{}'",
             info().name);
}

ModelDecisions Trained::decisions(const DataFiles& data, const DecisionRequest& request) const {
  return measured_decisions(*this, scored_examples(*this, data, request), request);
}

std::unique_ptr<Session> Trained::session() const { return nullptr; }

std::unique_ptr<ExplainableData> Trained::explainable(const DataFiles&) const {
  fail_usage("the task '{}' cannot be explained", info().name);
}

TrainedGraph Trained::graph(const GraphRequest&) const {
  fail_usage("the task '{}' cannot be exported as a graph", info().name);
}

Adapted Trained::adapt(const DataFiles&) const {
  fail_usage("expected a model that has learnt to adapt, as the task 'adapt' trains one, got one of the task '{}'",
             info().name);
}

void Trained::generate(const GenerateOptions&, Sink&) const {
  fail_usage("the task '{}' cannot generate text", info().name);
}

void Trained::set_group_thresholds(const GroupThresholds&) {
  fail_usage("the task '{}' makes no decisions, so its models cannot have thresholds by group", info().name);
}

void fail_asset(std::string_view name, std::string_view what) { fail("the asset '{}' is damaged: {}", name, what); }

const std::string& need_asset(const Assets& assets, std::string_view name) {
  const auto found = assets.find(name);
  if (found == assets.end()) fail("the model lacks '{}'", name);
  return found->second;
}

}  // namespace recur
