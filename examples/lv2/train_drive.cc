// Trains a small LSTM on an effect that is computed here, an overdrive whose bass does not pass, and writes its weights
// by PyTorch's names, which recur import reads. With recordings in the place of signal() and effect() it learns those.
#include <recur/recur.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <vector>

namespace {

using recur::Tensor;

constexpr int64_t kSteps = 128, kBatch = 32, kUnits = 16;
constexpr int kTraining = 500;
constexpr double kTau = 6.283185307179586;

// A sound: three tones of random pitch, as loud together as a random level.
std::vector<float> signal(recur::Random& random) {
  std::vector<float> x(kSteps);
  for (int tone = 0; tone < 3; ++tone) {
    const double turns = 0.002 * std::pow(60.0, random.uniform64()), begin = random.uniform64();
    const double level = 0.33 * random.uniform64();
    for (size_t t = 0; t < x.size(); ++t)
      x[t] += static_cast<float>(level * std::sin(kTau * (turns * static_cast<double>(t) + begin)));
  }
  return x;
}

// What the network is to learn: a one-pole low pass is taken off, and what is left runs into a soft limit.
std::vector<float> effect(const std::vector<float>& x) {
  std::vector<float> y;
  float low = 0;
  for (const float sample : x) {
    low += 0.05f * (sample - low);
    y.push_back(0.8f * std::tanh(5 * (sample - low)));
  }
  return y;
}

// x and y [T, B, 1]: sounds and what the effect makes of them.
std::array<Tensor, 2> batch(recur::Random& random) {
  std::array<Tensor, 2> xy{Tensor::empty({kSteps, kBatch, 1}), Tensor::empty({kSteps, kBatch, 1})};
  for (int64_t b = 0; b < kBatch; ++b) {
    const std::vector<float> x = signal(random), y = effect(x);
    for (int64_t t = 0; t < kSteps; ++t) {
      const auto from = static_cast<size_t>(t);
      xy[0].data<float>()[t * kBatch + b] = x[from];
      xy[1].data<float>()[t * kBatch + b] = y[from];
    }
  }
  return xy;
}

void train(const char* path) {
  recur::Random random(1);
  recur::Lstm lstm({.input = 1, .hidden = kUnits}, random);
  recur::Linear head({.in = kUnits, .out = 1}, random);
  recur::Adam adam(recur::parameters(lstm, head), {.rate = 1e-2});
  for (int step = 1; step <= kTraining; ++step) {
    const auto [x, y] = batch(random);
    adam.zero_grad();
    const Tensor loss = recur::mse(head(lstm(x).y), y);
    loss.backward();
    recur::clip_norm(adam.parameters(), 1.0f);
    adam.set_rate(1e-2 * 0.5 * (1 + std::cos(0.5 * kTau * (step - 1) / kTraining)));
    adam.step();
  }

  const recur::autograd::NoGrad no_grad;
  const auto [x, y] = batch(random);
  const double ratio = recur::mse(head(lstm(x).y), y).item() / recur::mse(Tensor::zeros(y.shape()), y).item();
  std::printf("error-to-signal ratio %.5f\n", ratio);
  std::vector<recur::TensorView> views = recur::views_of(lstm.state(), "lstm.");
  for (const recur::TensorView& view : recur::views_of(head.state(), "head.")) views.push_back(view);
  recur::write_safetensors(path, views);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: train_drive FILE.safetensors\n");
    return 2;
  }
  try {
    train(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train_drive: %s\n", error.what());
    return 1;
  }
}
