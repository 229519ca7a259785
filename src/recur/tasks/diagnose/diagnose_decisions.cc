// What a diagnosis decides: whether one of its labels holds.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/tasks/diagnose/diagnose_trained.h"
#include "recur/tasks/diagnose/early_warning.h"
#include "recur/tasks/groups/decided_rows.h"
#include "recur/tasks/groups/model_decisions.h"
#include "recur/tasks/hold_out.h"

namespace recur {
namespace {

// The number of the label that is asked for.
int64_t asked_label(const LabelSet& labels, const std::string& name) {
  const std::span<const std::string> names(labels.names().data(), static_cast<size_t>(labels.predicted()));
  if (name.empty() && names.size() == 1) return 0;
  if (name.empty()) {
    fail_usage("audit: which of the model's labels? Set label to it; labels: {}", fmt::join(names, ", "));
  }
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    fail_usage("label: the model has no '{}'; labels: {}", name, fmt::join(names, ", "));
  }
  return found - names.begin();
}

std::vector<std::string> ids_of(const SequenceSet& set) {
  std::vector<std::string> out;
  for (const Sequence& record : set.sequences) out.push_back(record.id);
  return out;
}

}  // namespace

ModelDecisions DiagnoseTrained::decisions(const DataFiles& data, const DecisionRequest& request) const {
  const int64_t l = asked_label(labels_, request.label);
  const std::string& name = labels_.names()[static_cast<size_t>(l)];
  const double threshold = request.threshold.value_or(0.5);
  refuse_request(!request.positive.empty(), "positive",
                 "a diagnosis is positive where its label holds; --label chooses it");
  refuse_threshold(request, group_thresholds_.has_value());
  refuse_request(!request.times.empty() && group_thresholds_.has_value(), "times",
                 "the model decides by the thresholds of its groups, which are for the end of a record");
  if (!request.times.empty() && options_.data.gaps.fill == "forward_back") {
    log_warning("fill = forward_back: alarms by time have seen values that were measured later");
  }
  const SequenceSet set = read(data, true);
  const DiagnoseExamples encoded = encode_records(set, all_of(set.size()), encoder_, &labels_);
  const DiagnoseScores scores = score(encoded, &set);
  ModelDecisions out{.ids = ids_of(set), .records = {}, .probabilities = true};
  std::vector<float> room;
  bool is_known = false;
  for (int64_t i = 0; i < scores.size(); ++i) {
    const double logit = scores.step(i, scores.steps(i) - 1, room)[static_cast<size_t>(l)];
    Decision record{.chosen = probability_of(logit) >= threshold, .score = probability_of(logit)};
    if (const float answer = encoded.answers_of(i)[l]; !std::isnan(answer)) {
      record.actual = answer != 0;
      record.loss = nats(logit, double{answer});
      is_known = true;
    }
    out.records.push_back(record);
  }
  if (!is_known) fail("audit: no record of the data has the label '{}'", name);
  if (group_thresholds_) {
    KeptRows predicted;
    DecidedRows decided(*group_thresholds_, data, options_.use.decision_groups, out.ids, predicted);
    write_predictions(set, scores, labels_, nullptr, decided);
    const auto by_group = decisions_in(predicted);
    for (size_t i = 0; i < out.records.size(); ++i) out.records[i].chosen = by_group.at(out.ids[i]);
  }
  out.by_time = alarms_by_time(scores, encoded, l, threshold, options_.data.grid.step, request.times);
  out.positive = name;
  out.note = group_thresholds_ ? fmt::format("positive: {}, where the thresholds of its group say so", name)
                               : fmt::format("positive: {}, where its probability is {} or more", name, threshold);
  return out;
}

}  // namespace recur
