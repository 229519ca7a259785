#include "recur/tasks/forecast/forecast_explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/ops/binary.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/tasks/forecast/forecast_rows.h"
#include "recur/tasks/forecast/theta_past.h"

namespace recur {
namespace {

// A quantile's level of "q0.9" or "0.9"; nothing of the mean.
std::optional<double> level_of(const std::string& name) {
  if (name.empty() || name == "mean") return {};
  const auto level = parse_number(name.starts_with("q") ? name.substr(1) : name);
  if (!level || !(*level > 0 && *level < 1)) {
    fail_usage("target: expected mean or a quantile such as q0.9, got {}", quoted_cell(name));
  }
  return level;
}

class ForecastRecord : public Explainable {
 public:
  struct Chosen {
    std::optional<double> level;
    std::optional<int64_t> step;  // from 0; nothing: all
  };

  ForecastRecord(ReadRecord read, WindowFunction function, const Chosen& chosen)
      : Explainable(std::move(read)), function_(std::move(function)), chosen_(chosen) {}

  Tensor score(const Tensor& x) const override {
    const Tensor values = function_.values(x, chosen_.level);
    return chosen_.step ? reshape(slice(values, {1, *chosen_.step}, 1), {x.size(1)}) : mean(values, 1);
  }
  std::vector<RecurrentReading> recurrent(const Tensor& x) const override { return function_.recurrent(x); }

 private:
  WindowFunction function_;
  Chosen chosen_;
};

// Steps before the first one of the series have no value of their own.
std::vector<float> shown_of(const PanelSeries& s, const WindowFunction& function, int64_t channels) {
  std::vector<float> shown;
  for (int64_t k = 0; k < function.x.size(0); ++k) {
    const int64_t t = function.begin + k;
    shown.push_back(s.value(t) + static_cast<float>(s.offset));
    shown.insert(shown.end(), static_cast<size_t>(channels - 1), std::nanf(""));
  }
  return shown;
}

}  // namespace

ForecastRecords::ForecastRecords(const ForecastTrained& model, Panel panel) : model_(model), panel_(std::move(panel)) {
  for (int64_t i = 0; i < std::ssize(panel_.series); ++i) {
    const PanelSeries& s = panel_.series[static_cast<size_t>(i)];
    if (first_known(s) < s.steps) windows_.push_back({i, s.steps});
  }
  if (windows_.empty()) fail("expected at least one series with a value, got none");
}

std::string ForecastRecords::id(int64_t i) const {
  return panel_.name(panel_.series[static_cast<size_t>(window(i).series)]);
}

int64_t ForecastRecords::steps(int64_t i) const { return window(i).origin; }

std::unique_ptr<Explainable> ForecastRecords::record(int64_t i, const ExplainTarget& target) const {
  const autograd::NoGrad no_grad;
  const PanelSeries& s = panel_.series[static_cast<size_t>(window(i).series)];
  ForecastRecord::Chosen chosen{.level = level_of(target.name), .step = {}};
  if (target.step) chosen.step = step_of(target, model_.options().data.horizon, 0);
  const ForecastOptions& options = model_.options();
  WindowFunction function = model_.network().function(panel_, window(i));
  const Blend how = model_.request().blend;
  auto moved_to = how.weight > 0 ? theta_before(s, s.steps, options.data.season, options.data.horizon) : std::nullopt;
  if (moved_to) function = blended(std::move(function), std::move(*moved_to), how, middle_levels(options.model));
  ReadRecord read;
  read.id = id(i);
  read.x = function.x;
  read.scale = "value";
  read.target = chosen.level ? fmt::format("quantile {}", *chosen.level) : std::string("mean");
  read.target += chosen.step ? fmt::format(" of step {} ahead", *chosen.step + 1) : ", over the horizon";
  read.channels = {panel_.channels[static_cast<size_t>(s.channel)]};
  const std::vector<std::string> covariates = model_.encoder().step_features();
  if (std::ranges::max(function.channel_of) > 0) {
    read.channels.insert(read.channels.end(), covariates.begin(), covariates.end());
  }
  read.channel_of = function.channel_of;
  read.usual_baseline = function.usual_baseline;
  read.shown = shown_of(s, function, std::ssize(read.channels));
  const Tensor ahead = function.values(reshape(read.x, {read.steps(), 1, read.features()}), chosen.level);
  const Tensor plain = (ahead + s.offset).clone(DType::kF32);
  const auto values = plain.values<float>();
  read.shown_after.assign(values.begin(), values.end());
  for (int64_t k = 0; k < read.steps(); ++k) read.places.push_back(function.begin + k);
  if (panel_.time_kind != TimeKind::kNone) {
    for (int64_t k = 0; k < read.steps(); ++k) {
      const int64_t t = function.begin + k;
      read.times.push_back(t >= 0 ? row_time(panel_, s, t) : "");
    }
  }
  std::string theta;
  if (options.model.base == "theta") theta = ", the Theta method's forecast that the network's is added to";
  if (moved_to) theta = ", the Theta method's forecast that the network's is moved towards";
  read.note = fmt::format("the window's shift and scale{}, and the covariates known ahead, are kept fixed", theta);
  if (s.offset != 0) read.note += fmt::format("; an offset of {} is subtracted from scores", s.offset);
  return std::make_unique<ForecastRecord>(std::move(read), std::move(function), chosen);
}

}  // namespace recur
