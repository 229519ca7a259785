#include "cli/stop_signal.h"

#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "cli/command.h"

namespace recur::cli {
namespace {

constexpr unsigned kReadingSeconds = 1, kStepSeconds = 10;

// A signal handler may touch lock-free atomics only.
std::atomic<bool> asked_to_stop{false};
std::atomic<unsigned> patience{0};  // seconds from the first signal to the end of the process; 0: as long as it takes
std::atomic<const std::string*> last_words{nullptr};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<unsigned>::is_always_lock_free &&
              std::atomic<const std::string*>::is_always_lock_free);

constexpr std::string_view kNotBegun = "recur: error: stopped before the training began\n";

// nohup asks for the end of a terminal to be ignored.
bool hangup_is_ignored() {
  struct sigaction action {};
  return sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

void set_handlers(void (*handler)(int)) {
  set_handler(SIGINT, handler);
  set_handler(SIGTERM, handler);
  if (!hangup_is_ignored()) set_handler(SIGHUP, handler);
}

void on_signal(int signal) {
  if (!asked_to_stop.exchange(true, std::memory_order_relaxed)) {
    alarm(patience.load(std::memory_order_relaxed));
    return;
  }
  set_handler(signal, SIG_DFL);
  raise(signal);
}

void on_alarm(int) {
  const std::string* const words = last_words.load(std::memory_order_acquire);
  const std::string_view text = words != nullptr ? std::string_view(*words) : kNotBegun;
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
  _exit(kFailed);
}

}  // namespace

StopSignal::StopSignal() {
  asked_to_stop = false;
  patience = kReadingSeconds;
  set_handler(SIGALRM, on_alarm);
  set_handlers(on_signal);
}

StopSignal::~StopSignal() {
  set_handlers(SIG_DFL);
  alarm(0);
  set_handler(SIGALRM, SIG_DFL);
  delete last_words.exchange(nullptr);
}

const std::atomic<bool>& StopSignal::flag() const { return asked_to_stop; }

void StopSignal::begin_training(const std::string& folder) {
  delete last_words.exchange(
      new std::string("recur: error: stopped within a step, which took longer than " + std::to_string(kStepSeconds) +
                      " s; the last checkpoint is kept; to resume: recur resume " + folder + "\n"));
  patience = kStepSeconds;
  if (asked_to_stop) alarm(kStepSeconds);  // the signal came before, and is obeyed with a checkpoint now
}

void StopSignal::end_training() {
  patience = 0;
  alarm(0);
}

}  // namespace recur::cli
