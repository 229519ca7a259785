// Ctrl-C, SIGTERM and the end of the terminal: the first asks the work to stop at the next safe place, the second ends
// the process at once.
#pragma once

#include <atomic>

namespace recur::cli {

// Catches SIGINT, SIGTERM and, unless it is ignored, SIGHUP as long as it lives. One at a time.
class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  ~StopSignal();

  bool asked() const;
  const std::atomic<bool>& flag() const;
};

}  // namespace recur::cli
