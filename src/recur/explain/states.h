// What the recurrent layers of a model keep of a record, step by step.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/tasks/explainable.h"

namespace recur {

// One state of one layer in one direction, after each step.
struct StateTrace {
  std::string layer;  // "rnn.l0", "rnn.l0.reverse"
  std::string state;  // "h", "c", or a number
  bool reverse = false;
  int64_t steps = 0, units = 0;  // T', which strided convolutions make fewer than those of the record
  std::vector<double> values;    // [T', units]

  double at(int64_t step, int64_t unit) const { return values[static_cast<size_t>(step * units + unit)]; }
};

// In the order of the layers, of each its states. States that grow with the steps are left out. Throws UsageError for a
// model without recurrent layers.
std::vector<StateTrace> trace_states(const Explainable& record);

// The state of that layer, "" the last one, that is called `state`; UsageError with the names otherwise.
const StateTrace& find_state(std::span<const StateTrace> traces, const std::string& layer, const std::string& state);

// Steps first .. last, from 0.
struct StepRun {
  int64_t first = 0, last = 0;

  bool operator==(const StepRun&) const = default;
};

// The longest runs of steps at which all of the units are above the threshold: the search of Strobelt, Gehrmann,
// Pfister and Rush, "LSTMVis" (2018). Throws UsageError for a unit that is not there; units count from 0.
std::vector<StepRun> runs_where_on(const StateTrace& trace, std::span<const int64_t> units, double threshold);
// The units that are above the threshold at each step of the run, and at neither of the steps next to it.
std::vector<int64_t> units_on_throughout(const StateTrace& trace, const StepRun& run, double threshold);

// Pearson's correlation of each unit with each channel over the steps where the channel has a value, [units, C]; of
// fewer than three such steps, or where one does not vary, 0. Throws UsageError for texts, whose tokens are no numbers,
// and where the layer has other steps than the record.
std::vector<double> channel_correlations(const StateTrace& trace, const ReadRecord& read);

}  // namespace recur
