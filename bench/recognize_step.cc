// A training step of recognition in clips of pictures, on one thread: residual convolutions of every frame, a
// bidirectional LSTM over the frames, its mean, cross-entropy, clipping and Adam. For tools/bench_recognize.sh, which
// compares bench/torch_recognize.py.
//
// Run: ./recognize_step SECONDS [clips=N] [frames=N] [side=N] [channels=1|3] [hidden=N]
// Prints the median time of a step in ms.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <string>
#include <vector>

#include "recur/ops/cross_entropy.h"
#include "recur/optim/adam.h"
#include "recur/optim/clip.h"
#include "recur/tasks/recognize/recognize_model.h"

namespace {

using namespace recur;

constexpr int64_t kClasses = 10;

double time_step(double seconds, std::map<std::string, int64_t> given) {
  RecognizeModelOptions options;
  options.network = "rnn";
  options.pooling = "mean";
  options.rnn.hidden = given["hidden"];
  const int64_t side = given["side"], channels = given["channels"], clips = given["clips"], frames = given["frames"];
  Random random(1);
  const RecognizeNetwork model(options,
                               {.features = side * side * channels,
                                .classes = kClasses,
                                .height = side,
                                .width = side,
                                .frame_channels = channels},
                               random);
  ClipBatch batch{.x = Tensor::empty({frames, clips, side * side * channels}), .lengths = {}};
  for (int64_t i = 0; i < batch.x.numel(); ++i) batch.x.data<float>()[i] = static_cast<float>(random.normal());
  std::vector<int32_t> classes;
  for (int64_t b = 0; b < clips; ++b) classes.push_back(static_cast<int32_t>(random.below(kClasses)));
  const Tensor target = Tensor::from(classes, {clips});
  const Tensors parameters = model.parameters();
  Adam adam(parameters, {.rate = 1e-3});
  const auto step = [&] {
    cross_entropy(model(batch, Mode::training(random)), target).backward();
    clip_norm(parameters, 5);
    adam.step();
    adam.zero_grad();
  };
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  step();
  for (const auto begin = Clock::now();
       times.empty() || std::chrono::duration<double>(Clock::now() - begin).count() < seconds;) {
    const auto start = Clock::now();
    step();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: recognize_step SECONDS [KEY=VALUE]...\n", stderr);
    return 2;
  }
  try {
    std::map<std::string, int64_t> given{{"clips", 16}, {"frames", 16}, {"side", 32}, {"channels", 1}, {"hidden", 128}};
    for (int i = 2; i < argc; ++i) {
      const std::string word = argv[i];
      given[word.substr(0, word.find('='))] = std::atoll(word.substr(word.find('=') + 1).c_str());
    }
    std::printf("recur,%.3f\n", time_step(std::atof(argv[1]), given));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "recognize_step: %s\n", error.what());
    return 1;
  }
}
