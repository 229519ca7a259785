#include "recur/tasks/forecast/window_reader.h"

#include <atomic>

namespace recur {

std::vector<ForecastWindow> WindowReader::share(WindowSampler& sampler) const {
  const std::vector<ForecastWindow> drawn = sampler.next(reading_.batch * reading_.members);
  std::vector<ForecastWindow> windows;
  for (int64_t begin = 0; begin < std::ssize(drawn); begin += reading_.batch) {
    for (int64_t i = reading_.shard.rank; i < reading_.batch; i += reading_.shard.ranks) {
      windows.push_back(drawn[static_cast<size_t>(begin + i)]);
    }
  }
  return windows;
}

PanelWindows WindowReader::next() {
  if (data_.in_memory() || reading_.read_ahead <= 0) {
    return data_.load(share(sampler_), reading_.reach, reading_.horizon);
  }
  if (!thread_) {
    ahead_ = sampler_;
    thread_ = std::make_unique<internal::ReadAhead<PanelWindows>>(
        static_cast<size_t>(reading_.read_ahead),
        [this](const std::atomic<bool>&) { return data_.load(share(*ahead_), reading_.reach, reading_.horizon); });
  }
  PanelWindows windows = thread_->next();
  share(sampler_);  // it draws what the thread has drawn
  return windows;
}

void WindowReader::load(const StateReader& state) {
  thread_.reset();
  sampler_.load(state);
}

}  // namespace recur
