// The windows of a training with their steps, read ahead where they are on disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "recur/data/read_ahead.h"
#include "recur/data/shard.h"
#include "recur/tasks/forecast/panel_data.h"
#include "recur/tasks/forecast/windows.h"

namespace recur {

struct WindowReading {
  int64_t batch = 1, members = 1;  // windows of each member's step, of all processes
  int64_t reach = 0, horizon = 0;  // as PanelData::load() takes them
  Shard shard{};
  int read_ahead = 4;  // steps, of data on disk; 0: none
};

// Windows are drawn by their weights, with replacement, so that there are no passes over shuffled examples as a
// BatchReader makes: the order is the sampler's, the same in memory and on disk. Of data in memory they are taken when
// they are asked for; of data on disk a thread draws and loads some steps' windows ahead. One thread calls it.
class WindowReader {
 public:
  WindowReader(PanelData data, WindowSampler sampler, const WindowReading& reading)
      : data_(std::move(data)), sampler_(std::move(sampler)), reading_(reading) {}

  // This process's share of a step's windows: of each member's. Throws what reading threw.
  PanelWindows next();

  // The place behind the last windows that next() gave, whatever was read ahead.
  const WindowSampler& sampler() const { return sampler_; }
  Random& dropout() { return sampler_.dropout(); }
  void load(const StateReader& state);  // as WindowSampler::load()

 private:
  std::vector<ForecastWindow> share(WindowSampler& sampler) const;

  PanelData data_;
  WindowSampler sampler_;
  WindowReading reading_;
  std::optional<WindowSampler> ahead_;                         // the thread's, while there is one
  std::unique_ptr<internal::ReadAhead<PanelWindows>> thread_;  // last: it uses the others
};

}  // namespace recur
