// What a model does with records, as tables: states, gates, memory, attention, neighbours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/explain/memory.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/sink.h"

namespace recur {

// Which records of data, and which output.
struct ExplainedRecords {
  const ExplainableData& data;
  std::vector<int64_t> which;
  ExplainTarget target = {};
};

// What table to make of states.
struct StateChoice {
  std::string layer = {};  // "": the last one
  std::string state = "h";
  std::vector<int64_t> units = {};  // from 0; of the search for steps
  double threshold = 0.3;           // from which on a unit is on
};

// Every state of every layer: id, layer, state, step, unit (both from 1), value.
Table state_table(const ExplainedRecords& records);
// The strongest correlations of units with channels over all records, the mean over records by Fisher's z: layer, unit,
// channel, correlation.
Table correlation_table(const ExplainedRecords& records, const StateChoice& choice, int64_t most);
// Runs of steps at which all of the units are on, longest first: id, first, last, steps, and of texts their tokens.
Table unit_run_table(const ExplainedRecords& records, const StateChoice& choice);

// The mean over records: layer, gate, mean, closed (share below 0.1), open (above 0.9).
Table gate_table(const ExplainedRecords& records);

// steps_back, share of the gradient's norm, and of all up to there: mean over records.
struct MemoryTable {
  Table table;
  int64_t steps_of_half = 0, steps_of_most = 0;  // that hold 50 and 90 % of it
};
MemoryTable memory_table(const ExplainedRecords& records);

// id, output, step, token (of texts), weight. Throws UsageError for a model without attention.
Table attention_table(const ExplainedRecords& records);

// The nearest of other records in the space of the last layer's end states: id, rank, neighbour, distance.
Table neighbour_table(const ExplainedRecords& records, const ExplainableData& others, int64_t count);

}  // namespace recur
