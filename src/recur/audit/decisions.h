// What a model, or anybody else, decided about records, with the truth and the groups that they belong to.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "recur/tasks/groups/grouping.h"
#include "recur/tasks/task_measures.h"

namespace recur {

struct Decision {
  std::optional<bool> chosen = {};   // whether the positive decision was made: selected, warned of, predicted
  std::optional<bool> actual = {};   // the truth, where it is known
  std::optional<double> score = {};  // the higher, the surer of the positive decision
  std::optional<double> loss = {};   // of the model on this record
};

struct Decisions {
  std::vector<Decision> records;
  std::vector<Grouping> groupings;
  std::vector<TaskMeasure> measures = {};  // of the model's task, beside the rates of decisions
  bool probabilities = false;              // scores are probabilities of the positive answer, in [0, 1]

  int64_t size() const { return static_cast<int64_t>(records.size()); }
};

}  // namespace recur
