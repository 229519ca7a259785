#include "recur/tasks/network/network_explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

class NetworkRecord : public Explainable {
 public:
  NetworkRecord(const NetworkModel& network, ReadRecord read, int64_t output, int64_t step)
      : Explainable(std::move(read)), network_(network), output_(output), step_(step) {}

  Tensor score(const Tensor& x) const override {
    return reshape(slice(row(network_(x), step_), {1, output_}, 1), {x.size(1)});
  }

  std::vector<RecurrentReading> recurrent(const Tensor& x) const override {
    std::vector<RecurrentReading> readings;
    Tensors at{x};
    for (size_t k = 0; k < network_.stages().size(); ++k) {
      const NetworkStage& stage = *network_.stages()[k];
      if (const auto* layers = dynamic_cast<const Recurrent*>(stage.parameters())) {
        readings.push_back({.name = fmt::format("layer {}", k), .network = *layers, .x = at[k]});
      }
      StageState state;
      at.push_back(network_.run_layer(k, at, state));
    }
    return readings;
  }

 private:
  const NetworkModel& network_;
  int64_t output_, step_;
};

}  // namespace

NetworkRecords::NetworkRecords(const NetworkTrained& model, SequenceSet set) : model_(model), set_(std::move(set)) {
  if (model.network().vocabulary() > 0) {
    fail_usage("an imported network that reads numbers of symbols cannot be explained");
  }
}

std::unique_ptr<Explainable> NetworkRecords::record(int64_t i, const ExplainTarget& target) const {
  const NetworkModel& network = model_.network();
  if (steps(i) == 0) fail_empty_record(set_.where(set_.sequences[static_cast<size_t>(i)]), id(i));
  if (network.gives_one()) refuse_step(target, "network with one output a sequence");
  std::vector<float> values = load_network(set_, i, {}, 0).inputs;
  const int64_t features = network.input_features();
  const DType dtype = network.parameters().empty() ? DType::kF32 : network.parameters()[0].dtype();
  int64_t step = 0;
  if (!network.gives_one()) step = step_of(target, steps(i), steps(i) - 1);
  if (network.is_causal()) values.resize(static_cast<size_t>((step + 1) * features));
  ReadRecord read;
  read.x = steps_tensor(values, features, dtype);
  const int64_t output = find_target(target, output_names(network.output_features()), "output", [&] {
    const autograd::NoGrad no_grad;
    const Tensor y = row(network(reshape(read.x, {read.x.size(0), 1, features})), step).clone(DType::kF32);
    const auto at = y.values<float>();
    return static_cast<int64_t>(std::ranges::max_element(at) - at.begin());
  });
  read.id = id(i);
  read.target = fmt::format("output y{}", output + 1);
  if (!network.gives_one()) read.target = fmt::format("step {}: {}", step + 1, read.target);
  read.scale = "value";
  read.channels = channel_names(set_);
  for (int64_t c = 0; c < features; ++c) read.channel_of.push_back(c);
  read.shown = std::move(values);
  return std::make_unique<NetworkRecord>(network, std::move(read), output, step);
}

}  // namespace recur
