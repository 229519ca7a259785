// What a classifier decides: whether an example is of the positive class.
#include <fmt/format.h>

#include "recur/base/error.h"
#include "recur/tasks/classify/classify_trained.h"
#include "recur/tasks/groups/model_decisions.h"
#include "recur/tasks/groups/positive_label.h"

namespace recur {
namespace {

std::vector<std::string> classes_in(const KeptRows& predicted) {
  std::vector<std::string> classes;
  for (const std::string& name : predicted.names())
    if (name.starts_with("p.")) classes.push_back(name.substr(2));
  return classes;
}

ModelDecisions classified(const KeptRows& predicted, const KeptRows& examples, const DecisionRequest& request) {
  refuse_request(!request.label.empty(), "label",
                 "this model has one label; --positive chooses the class that is audited");
  if (predicted.rows().size() != examples.rows().size()) {
    fail("audit: expected a label for each of {} predicted examples, got {}", predicted.rows().size(),
         examples.rows().size());
  }
  const PositiveLabel positive("the model", classes_in(predicted), request.positive);
  const size_t score = *predicted.find("p." + positive.name()), label = *predicted.find("label");
  const auto decided = decisions_in(predicted);
  refuse_threshold(request, !decided.empty());
  ModelDecisions out{.ids = {}, .records = {}, .probabilities = true};
  for (size_t i = 0; i < examples.rows().size(); ++i) {
    const auto& truth = examples.rows()[i];
    const auto& guess = predicted.rows()[i];
    Decision record{.actual = positive(text_of(truth[*examples.find("label")])),
                    .score = number_of(guess[score]),
                    .loss = number_of(truth[*examples.find("loss")])};
    record.chosen = request.threshold ? *record.score >= *request.threshold : *positive(text_of(guess[label]));
    out.ids.push_back(text_of(truth[0]));
    if (const auto at = decided.find(out.ids.back()); at != decided.end()) record.chosen = at->second;
    out.records.push_back(record);
  }
  out.positive = positive.name();
  out.note = fmt::format("positive: '{}', where {}", positive.name(),
                         !decided.empty()    ? "the thresholds of its group say so"
                         : request.threshold ? fmt::format("its probability is {} or more", *request.threshold)
                                             : "it is the model's answer");
  return out;
}

}  // namespace

ModelDecisions ClassifyTrained::decisions(const DataFiles& data, const DecisionRequest& request) const {
  const KeptRows examples = scored_examples(*this, data, request);
  KeptRows predicted;
  predict(data, predicted);
  const size_t classes = classes_in(predicted).size();
  if (classes == 2 || !request.positive.empty()) return classified(predicted, examples, request);
  ModelDecisions out = measured_decisions(*this, examples, request);
  if (classes == 0) return out;
  out.note = fmt::format(
      "accuracy and macro F1 of the {} classes are compared; --positive CLASS compares the decisions "
      "for one of them against the others",
      classes);
  return out;
}

}  // namespace recur
