#include "recur/base/stop.h"

#include <utility>

namespace recur {
namespace {

thread_local const std::atomic<bool>* watched = nullptr;

}  // namespace

StopScope::StopScope(const std::atomic<bool>* flag) : before_(std::exchange(watched, flag)) {}

StopScope::~StopScope() { watched = before_; }

void check_stop() {
  if (watched != nullptr && watched->load(std::memory_order_relaxed)) throw Stopped();
}

}  // namespace recur
