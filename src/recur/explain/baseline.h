// What a record is compared with: an input that stands for "nothing there".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/tasks/explainable.h"

namespace recur {

// The kinds, as an option names them:
//   zero      zeros where the network reads: of scaled series the middle of the scale, of texts no vector
//   mean      of each number the mean over the record's steps; of texts the mean of all vectors
//   padding   a record that says nothing: nothing measured, all values missing, all symbols unknown
//   first     the record's first step at every step
const std::vector<std::string>& baseline_kinds();

// [T, F]; `kind` "auto" is the task's usual one. Throws UsageError for another kind, and for "padding" where the model
// has no such record.
Tensor baseline_of(const ReadRecord& read, std::string_view kind = "auto");
// The kind that "auto" is for this record.
std::string chosen_baseline(const ReadRecord& read, std::string_view kind);

}  // namespace recur
