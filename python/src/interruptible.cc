#include "interruptible.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "messages.h"

namespace recur::python {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{50};

// Whether a piece of work has ended, and how.
class Ending {
 public:
  void set(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
    ended_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kBetweenLooks, [&] { return ended_; });
  }
  const std::exception_ptr& error() const { return error_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::exception_ptr error_;
  bool ended_ = false;
};

std::exception_ptr outcome_of(const std::function<void()>& work) {
  try {
    work();
    return {};
  } catch (...) {
    return std::current_exception();
  }
}

// What a signal or `meanwhile` has to say against going on; null: nothing. REQUIRES: the GIL.
std::exception_ptr objection(const std::function<void()>& meanwhile) {
  deliver_messages();
  return outcome_of([&] {
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
    if (meanwhile) meanwhile();
  });
}

}  // namespace

void run_interruptibly(std::atomic<bool>& stop, const std::function<void()>& work,
                       const std::function<void()>& meanwhile) {
  Ending ending;
  std::exception_ptr against;
  {
    const nb::gil_scoped_release released;
    std::thread worker([&] { ending.set(outcome_of(work)); });
    while (!ending.wait()) {
      const nb::gil_scoped_acquire locked;
      const std::exception_ptr now = objection(against ? std::function<void()>() : meanwhile);
      if (!now || against) continue;
      against = now;
      stop = true;
    }
    worker.join();
  }
  deliver_messages();
  if (against) std::rethrow_exception(against);
  if (ending.error()) std::rethrow_exception(ending.error());
}

}  // namespace recur::python
