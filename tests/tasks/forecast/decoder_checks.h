// What tests of the decoders share: networks set by hand, and their gradients against differences.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "recur/autograd/grad.h"
#include "recur/autograd/node.h"
#include "recur/tasks/forecast/forecaster.h"
#include "tests/tasks/forecast/panel_of.h"

namespace recur::testing {

// Zeros everywhere but in the parameters named.
inline void set_parameters(Forecaster& model, const std::map<std::string, std::vector<float>>& values) {
  size_t found = 0;
  for (NamedTensor& each : model.named_parameters()) {
    each.value.copy_from(Tensor::zeros(each.value.shape()));
    const auto at = values.find(each.name);
    if (at == values.end()) continue;
    ++found;
    ASSERT_EQ(std::ssize(at->second), each.value.numel()) << each.name;
    each.value.copy_from(Tensor::from(at->second, each.value.shape()));
  }
  ASSERT_EQ(found, values.size());
}

inline std::vector<std::vector<float>> forecast_of(const Forecaster& model, const Panel& panel,
                                                   const std::vector<ForecastWindow>& windows, int64_t samples = 1) {
  const autograd::NoGrad no_grad;
  Random random(7);
  return model.forecast(panel, windows, samples, random);
}

inline double loss_of(const Forecaster& model, const Panel& panel, const std::vector<ForecastWindow>& windows,
                      Mode mode = Mode::evaluation()) {
  return model.loss(panel, windows, mode).mean.item();
}

// As it is trained on, of networks without dropout.
inline double training_loss_of(const Forecaster& model, const Panel& panel,
                               const std::vector<ForecastWindow>& windows) {
  Random random(7);
  return loss_of(model, panel, windows, Mode::training(random));
}

// Of the loss in training with respect to every parameter, in f64; takes the model there.
inline void expect_right_gradients(Forecaster& model, const Panel& panel, const std::vector<ForecastWindow>& windows) {
  model.to(DType::kF64);
  Random random(7);
  const Tensors gradients = grad({model.loss(panel, windows, Mode::training(random)).mean}, model.parameters());
  NamedTensors state = model.named_parameters();
  constexpr double kStep = 1e-6;
  for (size_t p = 0; p < state.size(); ++p) {
    for (int64_t i = 0; i < state[p].value.numel(); ++i) {
      const double at = std::as_const(state[p].value).data<double>()[i];
      const auto with = [&](double value) {
        state[p].value.data<double>()[i] = value;
        return training_loss_of(model, panel, windows);
      };
      const double above = with(at + kStep), below = with(at - kStep);
      state[p].value.data<double>()[i] = at;
      const double got = std::as_const(gradients[p]).data<double>()[i];
      EXPECT_NEAR(got, (above - below) / (2 * kStep), 1e-6) << state[p].name << ' ' << i;
    }
  }
}

}  // namespace recur::testing
