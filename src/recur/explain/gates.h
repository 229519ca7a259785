// How open the gates of LSTM and GRU layers are while a record is read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/tasks/explainable.h"

namespace recur {

// One gate of one layer in one direction, over all steps and units of a record.
struct GateStatistics {
  std::string layer;  // "rnn.l0"
  std::string gate;   // "input", "forget", "output"; "reset", "update"
  double mean = 0;
  double closed = 0, open = 0;       // the shares below 0.1 and above 0.9: Karpathy, Johnson and Li (2015)
  std::vector<double> mean_at;       // [T'] the mean over units, step by step
  std::vector<double> mean_of_unit;  // [H] the mean over steps
};

// Of all layers that have such gates; throws UsageError where none has, or where layer norm stands between products and
// gates.
std::vector<GateStatistics> gate_statistics(const Explainable& record);

}  // namespace recur
