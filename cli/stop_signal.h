// Ctrl-C, SIGTERM and the end of the terminal: the first asks the work to stop at the next safe place, the second ends
// the process at once. Where that place does not come within seconds, as in a step over a sequence of millions, the
// process ends by itself: a run has its last checkpoint.
#pragma once

#include <atomic>
#include <string>

namespace recur::cli {

// Catches SIGINT, SIGTERM and, unless it is ignored, SIGHUP as long as it lives. One at a time.
class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  const std::atomic<bool>& flag() const;

  // Until then there is nothing to save, and a second is enough to stop; from then on there is a checkpoint in the
  // folder, and a step has ten.
  void begin_training(const std::string& folder);
  // The work ends by itself, however long it takes to save it.
  void end_training();
};

}  // namespace recur::cli
