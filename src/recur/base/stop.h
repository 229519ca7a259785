// Long work that is asked to stop before it is done, such as a validation on Ctrl-C.
#pragma once

#include <atomic>

namespace recur {

// Thrown by check_stop(). It is no error: what was asked for has happened.
struct Stopped {};

// While it lives, check_stop() of this thread watches the flag; null watches nothing.
class StopScope {
 public:
  explicit StopScope(const std::atomic<bool>* flag);
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;
  ~StopScope();

 private:
  const std::atomic<bool>* before_;
};

// Throws Stopped when the flag of this thread's innermost StopScope is set. Loops over batches of an evaluation call
// it.
void check_stop();

}  // namespace recur
