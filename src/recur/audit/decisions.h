// What a model, or anybody else, decided about records, with the truth and the groups that they belong to.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/tasks/groups/decision.h"
#include "recur/tasks/groups/grouping.h"
#include "recur/tasks/task_measures.h"

namespace recur {

struct Decisions {
  std::vector<Decision> records;
  std::vector<Grouping> groupings;
  std::vector<TaskMeasure> measures = {};    // of the model's task, beside the rates of decisions
  bool probabilities = false;                // scores are probabilities of the positive answer, in [0, 1]
  std::vector<TimedDecisions> by_time = {};  // about the same records

  int64_t size() const { return static_cast<int64_t>(records.size()); }
};

}  // namespace recur
