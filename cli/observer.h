// The progress display of a training run: a line updated in place on a terminal, plain lines elsewhere, JSON, or
// nothing.
#pragma once

#include <memory>
#include <string>

#include "cli/stop_signal.h"
#include "recur/train/run.h"

namespace recur::cli {

struct ProgressOptions {
  bool quiet = false;
  bool json = false;
};

// `folder` is the run's. `stop` is told when the training begins and ends, and lives as long.
std::unique_ptr<TrainObserver> make_observer(const std::string& folder, const ProgressOptions& options,
                                             StopSignal& stop);

// What happened, for a person or as JSON.
void print_result(const Run& run, const TrainResult& result, const std::string& folder, const ProgressOptions& options);

}  // namespace recur::cli
