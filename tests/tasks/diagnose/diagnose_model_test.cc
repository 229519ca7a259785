// The network against the equations of Che et al. 2016, and what must hold of it whatever its parameters.
#include "recur/tasks/diagnose/diagnose_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/autograd/gradient_check.h"
#include "recur/ops/slice.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using Numbers = std::vector<double>;

constexpr int64_t T = 6, B = 3, C = 2, S = 1, H = 3, L = 2;
const std::vector<int64_t> kLengths{6, 2, 4};

Tensor in_order(const Shape& shape, auto f) {
  std::vector<float> values;
  for (int64_t i = 0; i < shape.numel(); ++i) values.push_back(f(i));
  return Tensor::from(values, shape);
}

RecordBatch some_batch() {
  return {.values = normal({T, B, C}, 1, DType::kF32),
          .masks = in_order({T, B, C}, [](int64_t i) { return i % 3 == 0 ? 1.0f : 0.0f; }),
          .elapsed = in_order({T, B, C}, [](int64_t i) { return static_cast<float>(i % 5 + 1) / 2; }),
          .statics = normal({B, S}, 2, DType::kF32),
          .lengths = kLengths};
}

DiagnoseModel make(DiagnoseModelOptions options = {}, GapOptions gaps = {}) {
  options.rnn.hidden = H;
  Random random(5);
  return DiagnoseModel(options, gaps, {.channels = C, .statics = S, .labels = L}, random);
}

Tensor run(const DiagnoseModel& model, const RecordBatch& batch) { return model(batch, Mode::evaluation()); }

Numbers numbers(const Tensor& t) {
  const Tensor wide = t.detach().clone(DType::kF64);
  const auto values = wide.values<double>();
  return {values.begin(), values.end()};
}

Numbers parameter(const Module& model, std::string_view name) {
  for (const NamedTensor& each : model.named_parameters())
    if (each.name == name) return numbers(each.value);
  fail("no parameter {}", name);
}

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

// Row `row` of a matrix times v.
double dot(const Numbers& matrix, size_t row, const Numbers& v) {
  double sum = 0;
  for (size_t i = 0; i < v.size(); ++i) sum += matrix[row * v.size() + i] * v[i];
  return sum;
}

// GRU-D of one record, step by step; the reset gate acts after the product, as in the project's GRU.
class GruD {
 public:
  explicit GruD(const Module& model)
      : w_x_(parameter(model, "fade_inputs.weight")),
        b_x_(parameter(model, "fade_inputs.bias")),
        w_h_(parameter(model, "fade_state_l0.weight")),
        b_h_(parameter(model, "fade_state_l0.bias")),
        w_(parameter(model, "rnn.weight_ih_l0")),
        u_(parameter(model, "rnn.weight_hh_l0")),
        b_(parameter(model, "rnn.bias_ih_l0")),
        c_(parameter(model, "rnn.bias_hh_l0")),
        out_(parameter(model, "decoder.weight")),
        out_bias_(parameter(model, "decoder.bias")) {}

  Numbers step(const Numbers& x, const Numbers& m, const Numbers& delta, const Numbers& statics) {
    Numbers in;
    for (size_t c = 0; c < x.size(); ++c) {
      const double gamma = std::exp(-std::max(0.0, w_x_[c] * delta[c] + b_x_[c]));
      in.push_back(m[c] * x[c] + (1 - m[c]) * gamma * x[c]);  // x is the last value, the mean 0
    }
    in.insert(in.end(), m.begin(), m.end());
    in.insert(in.end(), statics.begin(), statics.end());
    for (size_t k = 0; k < h_.size(); ++k) h_[k] *= std::exp(-std::max(0.0, dot(w_h_, k, delta) + b_h_[k]));
    Numbers after;
    for (size_t k = 0; k < h_.size(); ++k) {
      const auto gate = [&](size_t g) { return dot(w_, g * H + k, in) + b_[g * H + k]; };
      const auto again = [&](size_t g) { return dot(u_, g * H + k, h_) + c_[g * H + k]; };
      const double r = sigmoid_of(gate(0) + again(0)), z = sigmoid_of(gate(1) + again(1));
      after.push_back((1 - z) * std::tanh(gate(2) + r * again(2)) + z * h_[k]);
    }
    h_ = after;
    Numbers logits;
    for (size_t l = 0; l < L; ++l) logits.push_back(dot(out_, l, h_) + out_bias_[l]);
    return logits;
  }

 private:
  Numbers w_x_, b_x_, w_h_, b_h_, w_, u_, b_, c_, out_, out_bias_;
  Numbers h_ = Numbers(H, 0);
};

TEST(DiagnoseModel, IsGruDOfItsPaper) {
  DiagnoseModel model = make();
  const RecordBatch batch = some_batch();
  const Numbers logits = numbers(run(model, batch)), x = numbers(batch.values), m = numbers(batch.masks);
  const Numbers delta = numbers(batch.elapsed), statics = numbers(batch.statics);
  for (int64_t b = 0; b < B; ++b) {
    GruD reference(model);
    for (int64_t t = 0; t < kLengths[b]; ++t) {
      const auto part = [&](const Numbers& all) {
        const auto from = all.begin() + (t * B + b) * C;
        return Numbers(from, from + C);
      };
      const Numbers want = reference.step(part(x), part(m), part(delta), {statics[b]});
      for (int64_t l = 0; l < L; ++l) EXPECT_NEAR(logits[(t * B + b) * L + l], want[l], 1e-5) << b << ' ' << t;
    }
  }
}

TEST(DiagnoseModel, GradientsOfEveryParameterAreRight) {
  for (const bool deep : {false, true}) {
    DiagnoseModelOptions options{.rnn = {.cell = deep ? "lstm" : "gru", .layers = deep ? 2 : 1}};
    DiagnoseModel model = make(options, {.elapsed = true});
    model.to(DType::kF64);
    const RecordBatch batch = some_batch();
    // The parameters are the model's own: the differences move them in place.
    const auto f = [&](const Tensors& parameters) {
      NamedTensors state = model.named_parameters();
      for (size_t i = 0; i < state.size(); ++i) state[i].value.copy_from(parameters[i]);
      return Tensors{run(model, batch)};
    };
    Tensors inputs;
    for (const Tensor& parameter : model.parameters()) inputs.push_back(parameter.detach().clone());
    const Tensors own = model.parameters();
    const Tensor weights = normal({T, B, L}, 7);
    const Tensors gradients = grad({run(model, batch)}, own, {.grad_outputs = {weights}});
    constexpr double kStep = 1e-6;
    for (size_t p = 0; p < own.size(); ++p) {
      for (int64_t i = 0; i < own[p].numel(); ++i) {
        const auto moved = [&](double by) {
          Tensors changed = inputs;
          changed[p] = inputs[p].clone();
          changed[p].data<double>()[i] += by;
          double sum = 0;
          const Numbers out = numbers(f(changed)[0]), w = numbers(weights);
          for (size_t k = 0; k < out.size(); ++k) sum += out[k] * w[k];
          return sum;
        };
        const double want = (moved(kStep) - moved(-kStep)) / (2 * kStep);
        EXPECT_NEAR(numbers(gradients[p])[i], want, 1e-6) << model.named_parameters()[p].name << ' ' << i;
      }
    }
  }
}

TEST(DiagnoseModel, WhatComesLaterChangesNothingBefore) {
  const DiagnoseModel model = make();
  RecordBatch batch = some_batch();
  const Numbers before = numbers(run(model, batch));
  float* values = batch.values.data<float>();
  for (int64_t i = 4 * B * C; i < T * B * C; ++i) values[i] += 3;
  const Numbers after = numbers(run(model, batch));
  for (int64_t i = 0; i < 4 * B * L; ++i) EXPECT_EQ(before[i], after[i]);
  EXPECT_NE(before[4 * B * L], after[4 * B * L]);
}

TEST(DiagnoseModel, InputsAreThoseAskedFor) {
  const auto width = [](GapOptions gaps) {
    const DiagnoseModel model = make({}, gaps);
    return std::ssize(parameter(model, "rnn.weight_ih_l0")) / (3 * H);
  };
  EXPECT_EQ(width({.masks = false}), C + S);
  EXPECT_EQ(width({}), 2 * C + S);
  EXPECT_EQ(width({.elapsed = true}), 3 * C + S);
  const DiagnoseModel plain = make({.decay = false});
  EXPECT_EQ(plain.named_parameters().front().name, "rnn.weight_ih_l0");
}

TEST(Fading, IsOneAtNoTimeAndFallsWithIt) {
  Random random(3);
  const Fading alone(C, 0, random), mixed(C, 5, random);
  const auto after = [](const Fading& fading, double time) { return numbers(fading(Tensor::full({1, 1, C}, time))); };
  EXPECT_EQ(after(alone, 0), Numbers(C, 1));
  EXPECT_EQ(after(mixed, 0), Numbers(5, 1));
  for (const Fading* fading : {&alone, &mixed}) {
    Numbers last = after(*fading, 0);
    for (const double time : {1.0, 3.0, 100.0}) {
      const Numbers now = after(*fading, time);
      for (size_t i = 0; i < now.size(); ++i) {
        EXPECT_LT(now[i], last[i]);
        EXPECT_GE(now[i], 0);
      }
      last = now;
    }
  }
}

TEST(DiagnoseModel, DropsInTrainingOnly) {
  DiagnoseModel model = make({.dropout = 0.5f, .input_dropout = 0.5f});
  const RecordBatch batch = some_batch();
  Random random(1);
  EXPECT_NE(numbers(model(batch, Mode::training(random))), numbers(model(batch, Mode::training(random))));
  EXPECT_EQ(numbers(run(model, batch)), numbers(run(model, batch)));
}

TEST(DiagnoseModel, AModelLargerThanItsFileIsRefused) {
  DiagnoseModelOptions options;
  options.rnn.hidden = 1 << 20;
  EXPECT_ERROR(check_size(options, {.channels = C, .statics = S, .labels = L}, 1000), "at least");
  options.rnn.hidden = 4;
  EXPECT_NO_THROW(check_size(options, {.channels = C, .statics = S, .labels = L}, 1000));
}

}  // namespace
}  // namespace recur
