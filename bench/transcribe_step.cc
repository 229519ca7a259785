// The parts of transcription that take time, on one thread, of sounds as those of AN4: a training step, the loss of a
// transducer alone, and the beam search of CTC. For tools/bench_seq2seq.sh, which compares
// bench/torch_transcribe.py.
//
// Run: ./transcribe_step step|loss|beam SECONDS [output=ctc|transducer] [hidden=N] [layers=N] [beam=N] [out=FILE]
// Prints the median time in ms: of a training step of 8 sounds (forward, loss, backward, clipping and Adam), of the
// transducer's loss and its gradient, or of a search of one sound. `out` gets the probabilities that are searched: f32,
// [sounds, steps, symbols].
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "recur/base/error.h"
#include "recur/decode/ctc_search.h"
#include "recur/ops/sum.h"
#include "recur/ops/transducer_loss.h"
#include "recur/optim/adam.h"
#include "recur/optim/clip.h"
#include "recur/tasks/transcribe/transcribe_model.h"

namespace {

using namespace recur;

constexpr int64_t kSounds = 8, kFeatures = 80, kSymbols = 28;
constexpr int32_t kBlank = kSymbols - 1;

using Given = std::map<std::string, std::string>;

int64_t number(const Given& given, const char* key, int64_t otherwise) {
  return given.contains(key) ? std::atoll(given.at(key).c_str()) : otherwise;
}

// What a batch of bench/torch_transcribe.py has too: sounds of 180 to 390 frames, 2.7 s in the mean, and 12 symbols a
// second.
int64_t frames_of(int64_t b) { return 180 + 30 * b; }
int64_t symbols_of(int64_t b) { return 20 + 4 * b; }

struct Batch {
  SoundBatch sounds;
  std::vector<TextSymbols> texts;
};

Batch make_batch(Random& random) {
  Batch batch;
  const int64_t longest = frames_of(kSounds - 1);
  batch.sounds.x = Tensor::zeros({longest, kSounds, kFeatures});
  for (int64_t b = 0; b < kSounds; ++b) {
    batch.sounds.lengths.push_back(frames_of(b));
    for (int64_t t = 0; t < frames_of(b); ++t)
      for (int64_t f = 0; f < kFeatures; ++f)
        batch.sounds.x.data<float>()[(t * kSounds + b) * kFeatures + f] = static_cast<float>(random.normal());
    TextSymbols text;
    for (int64_t u = 0; u < symbols_of(b); ++u) text.push_back(static_cast<int32_t>(random.below(kBlank)));
    batch.texts.push_back(std::move(text));
  }
  return batch;
}

// The median of the times of f, in ms, after a call that is not counted.
double time_of(double seconds, const std::function<void()>& f) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  f();
  for (const auto begin = Clock::now();
       times.empty() || std::chrono::duration<double>(Clock::now() - begin).count() < seconds;) {
    const auto start = Clock::now();
    f();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

double time_step(double seconds, const Given& given) {
  TranscribeOptions options;
  options.model.output = given.contains("output") ? given.at("output") : "ctc";
  options.model.rnn.hidden = number(given, "hidden", 160);
  options.model.rnn.layers = static_cast<int>(number(given, "layers", 2));
  options.model.conv_widths = {64, 64};
  Random random(1);
  const TranscribeModel model(options, {.features = kFeatures, .symbols = kSymbols}, random);
  const Batch batch = make_batch(random);
  std::vector<const TextSymbols*> texts;
  for (const TextSymbols& text : batch.texts) texts.push_back(&text);
  const Tensors parameters = model.parameters();
  Adam adam(parameters, {.rate = 1e-3});
  return time_of(seconds, [&] {
    const Mode mode = Mode::training(random);
    const Tensor loss = sum(model.head().losses(model.encode(batch.sounds, mode), texts, mode));
    loss.backward();
    clip_norm(parameters, 5);
    adam.step();
    adam.zero_grad();
  });
}

double time_loss(double seconds) {
  Random random(1);
  std::vector<int64_t> steps, labels;
  Tensor columns = Tensor::full({symbols_of(kSounds - 1), kSounds}, -1, DType::kI32);
  for (int64_t b = 0; b < kSounds; ++b) {
    steps.push_back(frames_of(b) / 2);
    labels.push_back(symbols_of(b));
    for (int64_t u = 0; u < symbols_of(b); ++u)
      columns.data<int32_t>()[u * kSounds + b] = static_cast<int32_t>(random.below(kBlank));
  }
  Tensor logits = Tensor::empty({transducer_rows(steps, labels), kSymbols});
  for (int64_t i = 0; i < logits.numel(); ++i) logits.data<float>()[i] = static_cast<float>(random.normal());
  logits.set_requires_grad(true);
  const Tensor counts = Tensor::from(steps, {kSounds});
  return time_of(seconds, [&] {
    sum(transducer_loss(logits, columns, counts, kBlank)).backward();
    logits.set_grad({});
  });
}

// Log-probabilities [steps, 1, V] as a network gives them: blanks for the most part, some steps unsure.
Tensor probabilities_of(int64_t steps, Random& random) {
  Tensor out = Tensor::empty({steps, 1, kSymbols});
  for (int64_t t = 0; t < steps; ++t) {
    float* const row = out.data<float>() + t * kSymbols;
    for (int64_t v = 0; v < kSymbols; ++v) row[v] = static_cast<float>(random.normal());
    const auto best = t % 4 == 0 ? static_cast<int64_t>(random.below(kBlank)) : int64_t{kBlank};
    row[best] += static_cast<float>(3 + 4 * random.uniform());
    double total = 0;
    for (int64_t v = 0; v < kSymbols; ++v) total += std::exp(row[v]);
    for (int64_t v = 0; v < kSymbols; ++v) row[v] -= static_cast<float>(std::log(total));
  }
  return out;
}

double time_beam(double seconds, const Given& given) {
  constexpr int64_t kSteps = 140;
  Random random(1);
  std::vector<Tensor> all;
  for (int64_t b = 0; b < 10 * kSounds; ++b) all.push_back(probabilities_of(kSteps, random));
  if (given.contains("out")) {
    std::ofstream out(given.at("out"), std::ios::binary);
    for (const Tensor& each : all)
      out.write(reinterpret_cast<const char*>(each.data<float>()), each.numel() * int64_t{sizeof(float)});
  }
  size_t at = 0;
  return time_of(seconds, [&] {
    const Tensor& probabilities = all[at++ % all.size()];
    ctc_beam(CtcSteps(probabilities, 0, kSteps, kBlank), {.width = number(given, "beam", 5)});
  });
}

void run(int argc, char** argv) {
  Given given;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    given[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  const std::string what = argv[1];
  const double seconds = std::atof(argv[2]);
  double ms = 0;
  if (what == "step")
    ms = time_step(seconds, given);
  else if (what == "loss")
    ms = time_loss(seconds);
  else if (what == "beam")
    ms = time_beam(seconds, given);
  else
    fail("expected step, loss or beam, got {}", what);
  std::printf("recur,%.3f\n", ms);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: transcribe_step step|loss|beam SECONDS [KEY=VALUE]...\n", stderr);
    return 2;
  }
  try {
    run(argc, argv);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "transcribe_step: %s\n", error.what());
    return 1;
  }
}
