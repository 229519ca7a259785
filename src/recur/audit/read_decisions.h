// Decisions from a table that anybody has made, or from a model of ours on data.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recur/audit/decisions.h"
#include "recur/data/files/data_file.h"
#include "recur/data/tables/table_options.h"
#include "recur/tasks/groups/group_thresholds.h"
#include "recur/tasks/trained.h"

namespace recur {

struct DecisionOptions {
  std::vector<std::string> groups = {};  // columns
  std::vector<std::string> bands = {};   // "age=25,45": numbers below 25, from 25 to below 45, and from 45
  std::string label = {};                // the column of the truth; of a model, the label that is audited
  std::string prediction = {};           // the column of decisions; "": made from the score and the threshold
  std::string score = {};                // the column of scores
  std::string positive = {};             // the label that counts as positive; "": 1, true or yes
  std::optional<double> threshold = {};  // scores from it on are the positive decision; 0.5 of probabilities
  std::vector<double> times = {};        // of a model that warns early: also what it had decided by then
  std::string id = {};                   // the column of ids in the table of groups; "": found out
  TableOptions table = {};               // how tables are read
};

struct ReadDecisions {
  Decisions decisions;
  std::string positive = {};       // the label that counts as positive; of a diagnosis the one that is audited
  std::vector<std::string> notes;  // of what was guessed and what was left out
};

// Of a table with a row a record. Throws UsageError for columns that are not there and for a positive label that has to
// be named, Error for cells that are not what they should be, with their places.
ReadDecisions read_decisions(const DataFile& table, const DecisionOptions& options);

// Of a model on data: what it decides about each example, joined with a table of groups by the examples' ids; or row by
// row where the table has no column of ids. Of models that make no decisions there are the losses and the metrics of
// the task. Throws UsageError for an option that the model has no use for.
ReadDecisions read_decisions(const Trained& model, const DataFiles& data, const DataFile& groups,
                             const DecisionOptions& options);

// Thresholds by group that equalise the odds of these decisions of a model. Throws UsageError where there are no scores
// and truths to fit them on, Error as equalize_odds().
GroupThresholds fit_group_thresholds(const ReadDecisions& read, const DecisionOptions& options);

}  // namespace recur
