// Explanations as rows to write.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "recur/base/json.h"
#include "recur/explain/attribution.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/sink.h"

namespace recur {

// The columns of attribution rows: "id", "step", "channel" (of texts "token"), "attribution"; with intervals "low" and
// "high".
std::vector<std::string> attribution_columns(bool text, bool intervals);

// A row for each part, in their order. The step counts from 1 and is empty where the part is of all steps, as is the
// channel; of several steps it is the first.
std::vector<std::vector<TableCell>> attribution_rows(const ReadRecord& read, const Attribution& attribution,
                                                     bool intervals);

// The parts of the largest values, whatever their sign, largest first.
std::vector<size_t> largest_parts(const Attribution& attribution, size_t most);
// "step 3, pulse", "step 2 'good'", "step 4", "age".
std::string part_text(const ReadRecord& read, const Part& part);

// An object: id, target, scale, score, baseline_score, residual, parts (an array of objects).
Json attribution_json(const ReadRecord& read, const Attribution& attribution);

}  // namespace recur
