#include <recur/recur.h>

#include <cmath>
#include <cstdio>
#include <vector>

int main() {
  std::vector<float> wave(201);
  for (size_t t = 0; t < wave.size(); ++t) wave[t] = std::sin(0.2f * static_cast<float>(t));
  const auto x = recur::Tensor::from(std::vector(wave.begin(), wave.end() - 1), {200, 1, 1});  // time, batch, features
  const auto target = recur::Tensor::from(std::vector(wave.begin() + 1, wave.end()), {200, 1, 1});

  recur::Lstm lstm({.input = 1, .hidden = 32});
  recur::Linear head({.in = 32, .out = 1});
  recur::Adam adam(recur::parameters(lstm, head), {.rate = 1e-2});
  for (int step = 1; step <= 300; ++step) {
    adam.zero_grad();
    const auto loss = recur::mse(head(lstm(x).y), target);
    loss.backward();
    adam.step();
    if (step % 100 == 0) std::printf("step %d: loss %.6f\n", step, loss.item());
  }

  auto stream = lstm.stream();  // the weights packed once, and the state
  std::vector<float> h(32);
  for (const float sample : wave) stream.step({&sample, 1}, h);
  std::printf("next %.3f, expected %.3f\n", head(recur::Tensor::from(h, {1, 32})).item(), std::sin(0.2 * 201));
}
