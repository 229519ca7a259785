// What a detector decides: which steps or series are anomalies.
#include "recur/tasks/detect/detect_trained.h"
#include "recur/tasks/groups/model_decisions.h"

namespace recur {

ModelDecisions DetectTrained::decisions(const DataFiles& data, const DecisionRequest& request) const {
  refuse_request(!request.label.empty(), "label", "this model has one label, whether there is an anomaly");
  refuse_request(!request.positive.empty(), "positive", "the positive decision is an anomaly");
  const KeptRows examples = scored_examples(*this, data, request);
  const size_t score = *examples.find("score"), anomaly = *examples.find("anomaly"), label = *examples.find("label");
  ModelDecisions out{.ids = {}, .records = {}, .positive = "anomalous"};
  for (const auto& row : examples.rows()) {
    Decision record{.chosen = number_of(row[anomaly]) == 1.0, .score = number_of(row[score])};
    if (request.threshold) record.chosen = *record.score > *request.threshold;
    if (const std::string truth = text_of(row[label]); !truth.empty()) record.actual = truth == "anomalous";
    out.ids.push_back(text_of(row[0]));
    out.records.push_back(record);
  }
  out.note =
      "positive: an anomaly, where its score is above the threshold; a record is what has a score, a step or a series";
  return out;
}

}  // namespace recur
