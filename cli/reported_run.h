// What a report and a model card say of a model: how it was trained, and how good it is on data.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "recur/base/config.h"
#include "recur/report/report.h"
#include "recur/tasks/trained.h"
#include "recur/train/run.h"

namespace recur::cli {

// A model, and the run that made it where its folder is given.
struct LoadedModel {
  std::string path;
  std::unique_ptr<Run> run;  // null: a model file alone
  std::unique_ptr<Trained> trained;
  Config use;  // the options of evaluation
};

// "runs/first/" is called first.
std::string name_of(const std::string& path);

// The model of a run's folder or a model file, with those of the options `use` that were given and that its task has.
LoadedModel load_reported(const std::string& path, const Config& use);

// Name, facts, options, history and gradients; of a model file alone what the file knows.
ReportRun reported(const LoadedModel& model);

// Groups to compare: columns of the test data, and what is compared, as DecisionOptions has it.
struct ComparedGroups {
  std::vector<std::string> columns;
  std::string positive, label;
};

// How good it is on the files `data`, and how it treats the groups.
ReportEvaluation measured_on(LoadedModel& model, const std::vector<std::string>& data, const ComparedGroups& groups);

// Adds what moved the predictions of the `count` records with the largest losses: integrated gradients. Throws
// UsageError if the task has no explanations.
void add_explanations(ReportEvaluation& evaluation, const LoadedModel& model, const std::vector<std::string>& data,
                      int64_t count);

}  // namespace recur::cli
