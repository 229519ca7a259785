#include "recur/tasks/diagnose/label_set.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/data/tables/cell_text.h"

namespace recur {
namespace {

std::optional<float> answer(std::string_view cell) {
  const std::string word = lower_ascii(cell);
  if (word == "1" || word == "yes" || word == "true") return 1.0f;
  if (word == "0" || word == "no" || word == "false") return 0.0f;
  if (is_missing(word)) return std::numeric_limits<float>::quiet_NaN();
  return std::nullopt;
}

}  // namespace

LabelSet LabelSet::of(const SequenceSet& set, const std::vector<std::string>& auxiliary) {
  LabelSet labels;
  for (const std::string& name : auxiliary) {
    if (std::ranges::find(set.labels, name) == set.labels.end())
      fail_usage("auxiliary_columns: there is no column '{}'", name);
  }
  labels.names_ = set.labels;
  const auto helps = std::stable_partition(labels.names_.begin(), labels.names_.end(), [&](const std::string& name) {
    return std::ranges::find(auxiliary, name) == auxiliary.end();
  });
  labels.auxiliary_ = labels.names_.end() - helps;
  if (labels.predicted() == 0) {
    fail("{}: no label columns found; set label_columns to their names, or labels_file to a table that has them",
         listed_files(set.files));
  }
  labels.thresholds_.assign(static_cast<size_t>(labels.predicted()), 0.5);
  return labels;
}

std::vector<float> LabelSet::encode(const SequenceSet& set, const Sequence& record) const {
  std::vector<float> answers;
  for (int64_t l = 0; l < size(); ++l) {
    const auto column = std::ranges::find(set.labels, names_[l]);
    if (column == set.labels.end()) {
      if (l < predicted()) fail("{}: there is no label column {}", set.where(record), quoted_cell(names_[l]));
      answers.push_back(std::numeric_limits<float>::quiet_NaN());
      continue;
    }
    const auto at = static_cast<size_t>(column - set.labels.begin());
    const std::string& cell = record.labels[at];
    const auto value = answer(cell);
    if (!value) {
      fail("{}: record '{}': label {}: expected 0 or 1, got {}", set.where_label(record, at), record.id, names_[l],
           quoted_cell(cell));
    }
    answers.push_back(*value);
  }
  return answers;
}

std::string LabelSet::to_text() const {
  return Json{{"auxiliary", auxiliary_}, {"labels", names_}, {"thresholds", thresholds_}}.dump();
}

LabelSet LabelSet::from_text(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json) fail("labels: expected a JSON object");
  LabelSet labels;
  try {
    labels.names_ = json->at("labels").get<std::vector<std::string>>();
    labels.auxiliary_ = json->at("auxiliary").get<int64_t>();
    labels.thresholds_ = json->at("thresholds").get<std::vector<double>>();
  } catch (const JsonError& error) {
    fail("labels: {}", error.what());
  }
  const bool fit = labels.auxiliary_ >= 0 && labels.auxiliary_ < labels.size() &&
                   std::ssize(labels.thresholds_) == labels.predicted();
  if (!fit) fail("labels: the numbers of labels and thresholds do not match");
  return labels;
}

}  // namespace recur
