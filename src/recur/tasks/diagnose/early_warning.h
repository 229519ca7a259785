// How early a label can be predicted: metrics at every step, not only at the end of a record.
#pragma once

#include <span>
#include <vector>

#include "recur/tasks/diagnose/diagnose_score.h"
#include "recur/tasks/groups/decision.h"

namespace recur {

// "by_step": a row per step, or each of about 48 where there are more: the time since the record's begin at which the
// step ends, the records that have one, and AUC and area under precision and recall of what is predicted there, each
// the mean over labels. Steps of fewer than half of the records are left out.
Table step_table(const DiagnoseScores& scores, const DiagnoseExamples& examples, double step);

// "early_warning": an alarm that is raised the first time the probability of a label reaches a threshold. A row a
// label and share of false alarms, which is that of records without the label that ring at any time (at most 1, 5, 10
// and 20 %): the threshold, the share of records with the label that ring, the share of alarms that are right, and the
// median time from these alarms to the record's end.
Table warning_table(const DiagnoseScores& scores, const DiagnoseExamples& examples, const LabelSet& labels,
                    double step);

// The same alarm with a threshold that is given, for label l: whether it had been raised by each of the times, that is
// in the steps that had ended by then. Scores are the highest probability by then, and the measure "lead" is that of
// warning_table(). Times are in the unit of `step`; a record that ended before is as it was at its end. Throws
// UsageError for a time before the end of the first step or after that of the longest record.
std::vector<TimedDecisions> alarms_by_time(const DiagnoseScores& scores, const DiagnoseExamples& examples, int64_t l,
                                           double threshold, double step, std::span<const double> times);

}  // namespace recur
