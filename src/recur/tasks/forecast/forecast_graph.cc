// Forecasters as graphs.
#include <fmt/format.h>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/forecast/autoregressive_forecaster.h"
#include "recur/tasks/forecast/forecast_trained.h"
#include "recur/tasks/forecast/segment_forecaster.h"
#include "recur/tasks/trained_graph.h"

namespace recur {
namespace {

constexpr const char* kScaleNote =
    "Values are scaled by their window, as docs/formats.md defines: the graph neither scales nor unscales them.";
constexpr const char* kBaseNote =
    "The outputs are what is added to the forecast of the Theta method, scaled, as docs/formats.md defines (base).";
constexpr const char* kBlendNote =
    "The model moves its forecast, in the units of the data, by {} of the way to that of the Theta method, as "
    "docs/formats.md defines (blend); the graph does not.";

}  // namespace

TrainedGraph ForecastTrained::graph(const GraphRequest& request) const {
  part_of(request, info().name);
  refuse_stateful(request,
                  "the graph of an autoregressive forecaster already has states in and out: call it with one step");
  TrainedGraph graph = model_->graph();
  if (const double weight = this->request().blend.weight; weight > 0)
    graph.notes.push_back(fmt::format(kBlendNote, weight));
  return graph;
}

TrainedGraph SegmentForecaster::graph() const {
  const SegmentForecaster* const alone[] = {this};
  return graph_of(*this, alone);
}

TrainedGraph SegmentForecaster::graph_of(const Module& ensemble, std::span<const SegmentForecaster* const> members) {
  GraphOutline outline(ensemble);
  const SegmentForecaster& one = *members[0];
  const size_t segments = outline.numbers("segments", {"N", "B", one.segment_ * one.features_},
                                          "segments of the past: their steps concatenated");
  const size_t lengths = outline.lengths("lengths", "B", "N", "segments of each window, 0 to N");
  const auto numbers = [&](bool there, const char* name, std::vector<Size> shape, const char* what) -> size_t {
    return there ? outline.numbers(name, std::move(shape), what) : 0;
  };
  const size_t recent =
      numbers(one.highway_.has_value(), "recent", {"B", one.highway_steps_}, "the last values of the past");
  const size_t identities =
      one.identity_ ? outline.symbols("identities", {"B"}, one.identity_->weight->size(0), "index of the series") : 0;
  const size_t statics = numbers(one.statics_.has_value(), "statics",
                                 {"B", one.statics_ ? one.statics_->weight->size(1) : 0}, "static columns");
  const size_t ahead =
      numbers(one.ahead_.has_value(), "ahead", {one.segments_ahead_, "B", one.ahead_ ? one.ahead_->weight->size(1) : 0},
              "covariates of the segments to forecast");
  outline.output("mean", "of each step ahead");
  for (size_t k = 0; k < members.size(); ++k) {
    outline.output(members.size() == 1 ? "raw" : fmt::format("member{}_raw", k),
                   "outputs of the head for each step: quantiles, or the parameters of a distribution");
  }
  outline.note(kScaleNote);
  if (one.rule_.base == "theta") outline.note(kBaseNote);
  if (members.size() > 1) {
    outline.note(
        "The members' forecasts are averaged where they are scaled; a model of logarithms itself averages their "
        "exponentials.");
  }
  return std::move(outline).trace([&](const Tensors& in) {
    Inputs read;
    read.segments = in[segments];
    read.lengths = to_lengths(in[lengths]);
    if (one.highway_) read.recent = in[recent];
    if (one.identity_) read.identities = in[identities];
    if (one.statics_) read.statics = in[statics];
    if (one.ahead_) read.ahead = in[ahead];
    Tensors means, all{Tensor()};
    for (const SegmentForecaster* member : members) {
      const Tensor raw = cast((*member)(read, Mode::evaluation()), DType::kF32);
      const int64_t batch = raw.size(0);
      const Tensor own = member->head_->value(reshape(raw, {batch * one.horizon_, member->head_->width()}), {});
      means.push_back(reshape(own, {batch, one.horizon_}));
      all.push_back(raw);
    }
    all[0] = means[0];
    for (size_t k = 1; k < means.size(); ++k) all[0] = all[0] + means[k];
    if (means.size() > 1) all[0] = all[0] * (1 / static_cast<double>(means.size()));
    return all;
  });
}

TrainedGraph AutoregressiveForecaster::graph() const {
  GraphOutline outline(*this);
  outline.numbers("x", {"T", "B", features_}, "of each step its lags, the indicator of a missing value, covariates");
  outline.lengths("lengths", "B", "T", "steps of each window, 0 to T");
  const size_t identities =
      identity_ ? outline.symbols("identities", {"B"}, identity_->weight->size(0), "index of the series") : 0;
  const size_t states = outline.states(rnn_);
  outline.output("mean", "of each step");
  outline.output("raw", "outputs of the head for each step: the parameters of its distribution");
  outline.output_states(rnn_);
  outline.note(kScaleNote);
  outline.note(
      "The sampling of paths is not in the graph: the sampled value of a step is a lagged input of the next ones.");
  return std::move(outline).trace([&](const Tensors& in) {
    Tensor x = in[0];
    const int64_t T = x.size(0), B = x.size(1);
    if (identity_) {
      const Tensor own = (*identity_)(in[identities]);
      x = concat({x, repeat(reshape(own, {1, B, own.size(1)}), 0, T)}, 2);
    }
    const RecurrentOutput out =
        rnn_(x, {.lengths = to_lengths(in[1]), .state = states_of(in, states, rnn_), .mode = Mode::evaluation()});
    const Tensor raw = cast(parameters_of(out.y, Mode::evaluation()), DType::kF32);
    Tensors all{reshape(head_->value(raw, {}), {T, B}), reshape(raw, {T, B, head_->width()})};
    for (const Tensors& layer : out.state.layers) all.insert(all.end(), layer.begin(), layer.end());
    return all;
  });
}

}  // namespace recur
