#include "recur/tasks/forecast/forecaster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/sum.h"
#include "recur/tasks/forecast/autoregressive_forecaster.h"
#include "recur/tasks/forecast/segment_forecaster.h"
#include "recur/tasks/forecast/smoothing_forecaster.h"
#include "recur/tasks/trained_graph.h"

namespace recur {
namespace {

class Members : public Forecaster {
 public:
  explicit Members(std::vector<std::unique_ptr<Forecaster>> members) : members_(std::move(members)) {
    for (size_t k = 0; k < members_.size(); ++k) register_module(std::to_string(k), *members_[k]);
  }

  ForecastLoss loss(const Panel& panel, std::span<const ForecastWindow> windows, Mode mode,
                    GradientTrace* trace) const override {
    // In training each learns from windows of its own; else all are measured on all.
    const size_t part = mode.is_training() ? windows.size() / members_.size() : windows.size();
    Tensors sums;
    double known = 0;
    for (size_t k = 0; k < members_.size(); ++k) {
      const auto own = windows.subspan(mode.is_training() ? k * part : 0, part);
      const ForecastLoss one = members_[k]->loss(panel, own, mode, k == 0 ? trace : nullptr);
      sums.push_back(one.mean * one.known);
      known += one.known;
    }
    return {.mean = sum(stack(sums)) / std::max(known, 1.0), .known = known};
  }

  // Draws are put together; quantiles, which stand in order, are averaged one by one (Vincent 1912).
  WindowPaths forecast(const Panel& panel, std::span<const ForecastWindow> windows, int64_t samples,
                       Random& random) const override {
    const auto count = static_cast<int64_t>(members_.size());
    const int64_t share = draws_paths() ? (samples + count - 1) / count : samples;
    WindowPaths out = members_[0]->forecast(panel, windows, share, random);
    for (size_t k = 1; k < members_.size(); ++k) {
      const WindowPaths more = members_[k]->forecast(panel, windows, share, random);
      for (size_t b = 0; b < out.size(); ++b) {
        if (draws_paths()) out[b].insert(out[b].end(), more[b].begin(), more[b].end());
        for (size_t i = 0; i < out[b].size() && !draws_paths(); ++i) out[b][i] += more[b][i];
      }
    }
    for (std::vector<float>& paths : out) {
      for (float& value : paths) value /= draws_paths() ? 1.0f : static_cast<float>(count);
    }
    return out;
  }

  void begin_with_errors(const Panel& panel, std::span<const ForecastWindow> windows) override {
    for (const auto& member : members_) member->begin_with_errors(panel, windows);
  }

  // The mean of the members' values, which all read the same.
  WindowFunction function(const Panel& panel, const ForecastWindow& window) const override {
    std::vector<WindowFunction> each;
    for (const auto& member : members_) each.push_back(member->function(panel, window));
    WindowFunction out = each[0];
    out.values = [each](const Tensor& x, std::optional<double> level) {
      Tensors all;
      for (const WindowFunction& one : each) all.push_back(one.values(x, level));
      return mean(stack(all), 0);
    };
    out.recurrent = [each](const Tensor& x) {
      std::vector<RecurrentReading> all;
      for (size_t k = 0; k < each.size(); ++k) {
        for (RecurrentReading& one : each[k].recurrent(x)) {
          one.name = fmt::format("{}.{}", k, one.name);
          all.push_back(std::move(one));
        }
      }
      return all;
    };
    return out;
  }

  TrainedGraph graph() const override {
    std::vector<const SegmentForecaster*> members;
    for (const auto& member : members_) {
      members.push_back(dynamic_cast<const SegmentForecaster*>(member.get()));
      if (members.back() == nullptr) return Forecaster::graph();
    }
    return SegmentForecaster::graph_of(*this, members);
  }

  bool draws_paths() const override { return members_[0]->draws_paths(); }

 private:
  std::vector<std::unique_ptr<Forecaster>> members_;
};

std::unique_ptr<Forecaster> make_one(const ForecastOptions& options, const ForecastSizes& sizes, Random& random) {
  if (options.model.decoder == "autoregressive") {
    return std::make_unique<AutoregressiveForecaster>(options, sizes, random);
  }
  if (options.model.decoder == "smoothing") return std::make_unique<SmoothingForecaster>(options, sizes, random);
  return std::make_unique<SegmentForecaster>(options, sizes, random);
}

}  // namespace

TrainedGraph Forecaster::graph() const {
  fail_usage(
      "a forecaster with decoder = smoothing, or with decoder = autoregressive and several members, cannot be exported "
      "as a graph");
}

std::unique_ptr<Forecaster> make_forecaster(const ForecastOptions& options, const ForecastSizes& sizes,
                                            Random& random) {
  if (options.model.members == 1) return make_one(options, sizes, random);
  std::vector<std::unique_ptr<Forecaster>> members;
  for (int64_t k = 0; k < options.model.members; ++k) members.push_back(make_one(options, sizes, random));
  return std::make_unique<Members>(std::move(members));
}

double least_parameters(const ForecastOptions& options, const ForecastSizes& sizes) {
  const ForecastModelOptions& model = options.model;
  const auto horizon = static_cast<double>(options.data.horizon), segment = static_cast<double>(model.segment);
  const double outputs = model.head == "quantiles" ? static_cast<double>(model.quantiles) : 1;
  double count = least_parameters(model.rnn);
  if (model.decoder == "direct") {
    count += segment * outputs + horizon / segment + horizon * static_cast<double>(model.highway.value_or(0));
  } else if (model.decoder == "smoothing") {
    count *= static_cast<double>(model.dilations.size());
    count += horizon * outputs + segment + static_cast<double>(options.data.season);
  }
  return static_cast<double>(model.members) * (count + static_cast<double>(sizes.identities - 1));
}

}  // namespace recur
