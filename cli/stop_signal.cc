#include "cli/stop_signal.h"

#include <signal.h>

namespace recur::cli {
namespace {

// A signal handler may touch lock-free atomics only.
std::atomic<bool> asked_to_stop{false};
static_assert(std::atomic<bool>::is_always_lock_free);

// nohup asks for the end of a terminal to be ignored.
bool hangup_is_ignored() {
  struct sigaction action {};
  return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void set_handlers(void (*handler)(int), int flags) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  if (!hangup_is_ignored()) sigaction(SIGHUP, &action, nullptr);
}

// SA_RESETHAND brings back the default for this signal, so that the same one again ends the process.
void on_signal(int) { asked_to_stop.store(true, std::memory_order_relaxed); }

}  // namespace

StopSignal::StopSignal() {
  asked_to_stop = false;
  set_handlers(on_signal, static_cast<int>(SA_RESETHAND | SA_RESTART));
}

StopSignal::~StopSignal() { set_handlers(SIG_DFL, 0); }

bool StopSignal::asked() const { return asked_to_stop.load(std::memory_order_relaxed); }

const std::atomic<bool>& StopSignal::flag() const { return asked_to_stop; }

}  // namespace recur::cli
