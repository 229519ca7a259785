// What a model decides about examples, for those who compare groups of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recur/tasks/task_measures.h"

namespace recur {

struct Decision {
  std::optional<bool> chosen = {};   // whether the positive decision was made: selected, warned of, predicted
  std::optional<bool> actual = {};   // the truth, where it is known
  std::optional<double> score = {};  // the higher, the surer of the positive decision
  std::optional<double> loss = {};   // of the model on this record
};

// Which of the decisions that a model could make are asked for.
struct DecisionRequest {
  std::string label = {};                // of a model with several labels, the one
  std::string positive = {};             // the class that counts as positive; "": of two 1, true or yes
  std::optional<double> threshold = {};  // scores from it on are the positive decision; nothing: as predict() decides
  std::vector<double> times = {};        // of a model that warns early: also what it had decided by then
};

// What had been decided about each record when this time had passed since the record's begin.
struct TimedDecisions {
  double time = 0;  // in the unit of the model's `step`
  std::vector<Decision> records;
  std::vector<TaskMeasure> measures = {};
};

// Of the examples of data, in order.
struct ModelDecisions {
  std::vector<std::string> ids;              // what rows call them
  std::vector<Decision> records;             // one each
  std::vector<TaskMeasure> measures = {};    // of the task, where it makes no decisions
  std::vector<TimedDecisions> by_time = {};  // of the times asked for
  bool probabilities = false;                // scores are probabilities of the positive answer
  std::string positive = {};                 // what the positive decision says: a class, a label
  std::string note = {};                     // for people: what was taken for a decision
};

}  // namespace recur
