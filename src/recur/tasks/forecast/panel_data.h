// A panel in memory or on disk: what forecasting reads windows of.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "recur/data/files/loaded.h"
#include "recur/data/row_store.h"
#include "recur/tasks/forecast/panel.h"
#include "recur/tasks/forecast/windows.h"

namespace recur {

// The values and covariates of a panel on disk.
struct PanelStore {
  RowStore<float> values;                       // of one series after the other: a step is a row
  RowStore<float> past, ahead;                  // [R, P] and [R + H, A] of one group after the other
  RowStore<double> times;                       // [R], where there are any
  std::vector<int64_t> first_value;             // of each series its first row in `values`
  std::vector<int64_t> first_row, first_ahead;  // of each group, in `past` and `times`, and in `ahead`
};

// Windows with what surrounds them: among the whole panel, or, of data on disk, a panel of a series a window that has
// those steps alone.
struct PanelWindows {
  Loaded<Panel> panel;
  std::vector<ForecastWindow> windows;  // of that panel
};

// A handle, cheap to copy. Const, and for any number of threads at a time.
class PanelData {
 public:
  // One in memory, to which it refers.
  PanelData(const Panel& panel);  // NOLINT(google-explicit-constructor): a panel is data
  explicit PanelData(std::shared_ptr<const Panel> panel, std::shared_ptr<const PanelStore> store = nullptr);

  // Of data on disk without values, covariates and times.
  const Panel& panel() const { return *panel_; }
  bool in_memory() const { return store_ == nullptr; }

  // The values of steps begin .. end - 1 of a series: themselves, or read into `room`.
  std::span<const float> values(int64_t series, int64_t begin, int64_t end, std::vector<float>& room) const;
  // The time of a row that there is.
  double time(int64_t group, int64_t row) const;

  // Calls visit(part, first) with the values of steps begin .. end - 1 in order: at once where they are in memory.
  template <class Visit>
  void for_each_part(int64_t series, int64_t begin, int64_t end, const Visit& visit) const {
    constexpr int64_t kPartValues = 1 << 18;
    const int64_t most = in_memory() ? std::max<int64_t>(end - begin, 1) : kPartValues;
    std::vector<float> room;
    for (int64_t t = begin; t < end; t += most) visit(values(series, t, std::min(t + most, end), room), t);
  }

  // With at least `reach` steps before each origin, where there are so many, and `horizon` behind it.
  PanelWindows load(std::span<const ForecastWindow> windows, int64_t reach, int64_t horizon) const;

  const PanelStore* store() const { return store_.get(); }  // null: in memory

 private:
  void cut(const ForecastWindow& window, int64_t reach, int64_t horizon, Panel& out) const;

  std::shared_ptr<const Panel> panel_;
  std::shared_ptr<const PanelStore> store_;
};

}  // namespace recur
