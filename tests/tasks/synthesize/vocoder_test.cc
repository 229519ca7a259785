#include "recur/tasks/synthesize/vocoder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstddef>

#include "recur/autograd/gradient_check.h"
#include "recur/autograd/node.h"
#include "recur/nn/replaced_parameters.h"
#include "recur/ops/sum.h"
#include "recur/optim/adam.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"

// As in nn/stream_quiet_test.cc: malloc counts, for the whole test program. Sanitizers need it for themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define RECUR_COUNTS_ALLOCATIONS
namespace {
std::atomic<int64_t> allocated{0};
}  // namespace

extern "C" {
void* __libc_malloc(size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  allocated.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  allocated.fetch_add(1, std::memory_order_relaxed);
  return __libc_memalign(alignment, size);
}
}
#endif

namespace recur {
namespace {

using testing::sine;

const SynthesizeVocoderOptions kSmall{.hidden = 6, .features = 3, .levels = 16, .order = 4, .segment = 3, .noise = 0};

// A sound of two tones with its frames.
struct Example {
  Example() {
    const auto other = sine(1300, 8000, 1000, 0.1);
    for (size_t i = 0; i < samples.size(); ++i) samples[i] += other[i];
    frames = spectrum(samples);
    scaled = frames;
    for (float& each : scaled.values) each = (each + 4) / 3;
  }
  VocoderSource source() const { return {scaled, frames, samples}; }

  MelSpectrum spectrum{{.rate = 8000, .bands = 6}};
  std::vector<float> samples = sine(500, 8000, 1000, 0.3);
  FrameRows frames, scaled;
  MelPredictor predictor{spectrum, 4};
};

Vocoder vocoder_of(const Example& example, const SynthesizeVocoderOptions& options = kSmall) {
  Random random(3);
  return {options, {.bands = 6, .hop = example.spectrum.hop()}, random};
}

TEST(Vocoder, GradientsAreExact) {
  const Example example;
  Vocoder vocoder = vocoder_of(example);
  Random random(1);
  VocoderSegment one = cut_segment(example.source(), 2, 1, vocoder, example.predictor, random);
  VocoderSegment other = cut_segment(example.source(), 0, 2, vocoder, example.predictor, random);
  for (VocoderSegment* each : {&one, &other}) {  // a few samples say as much
    each->inputs.resize(30);
    each->targets.resize(10);
  }
  other.targets.resize(7);
  vocoder.to(DType::kF64);
  const VocoderSegment* const both[] = {&one, &other};
  Tensors inputs;
  for (const Tensor& parameter : vocoder.parameters()) inputs.push_back(parameter.clone());
  const auto f = [&](const Tensors& in) {
    return with_parameters(vocoder, in, [&] { return Tensors{vocoder.losses(both, Mode::evaluation())}; });
  };
  EXPECT_LT(gradient_error(f, inputs), 1e-5);
}

// What the stream draws is what the network finds most probable of the samples that it made itself.
TEST(VocoderStream, DrawsWhatTheNetworkSays) {
  const Example example;
  const Vocoder vocoder = vocoder_of(example);
  // Of the levels around 0, so that no sample is cut.
  for (const NamedTensor& each : vocoder.named_parameters()) {
    if (each.name != "output.bias") continue;
    Tensor bias = each.value;
    for (int64_t k = 0; k < 16; ++k) bias.data<float>()[k] = std::abs(k - 8) <= 1 ? 0.0f : -9.0f;
  }
  const autograd::NoGrad no_grad;
  const int64_t count = example.scaled.steps(), hop = example.spectrum.hop();
  Tensor around = Tensor::zeros({count + 4, 1, 6});
  std::ranges::copy(example.scaled.values, around.data<float>() + 12);
  const Tensor features = vocoder.features(around);
  const std::vector<float> filters = example.predictor(example.frames);
  VocoderStream stream(vocoder, 0, Random(1));
  std::vector<float> made(static_cast<size_t>(count * hop));
  for (int64_t t = 0; t < count; ++t) {
    stream.frame(features.values<float>().subspan(static_cast<size_t>(t * 3), 3),
                 std::span(filters).subspan(static_cast<size_t>(t * 4), 4),
                 std::span(made).subspan(static_cast<size_t>(t * hop), static_cast<size_t>(hop)));
  }
  Random random(1);
  const VocoderSegment segment =
      cut_segment({example.scaled, example.frames, made}, 0, count, vocoder, example.predictor, random);
  const VocoderSegment* const one[] = {&segment};
  const Tensor logits = vocoder.logits(one, Mode::evaluation());
  ASSERT_EQ(logits.size(0), count * hop);
  int64_t same = 0;
  for (int64_t t = 0; t < count * hop; ++t) {
    const float* row = logits.values<float>().data() + t * 16;
    same += std::max_element(row, row + 16) - row == segment.targets[static_cast<size_t>(t)] ? 1 : 0;
  }
  // Where two levels are as probable, rounding decides.
  EXPECT_GT(same, count * hop * 99 / 100);
  EXPECT_GT(std::ranges::count_if(segment.targets, [](int32_t level) { return level != 8; }), 20);
}

TEST(VocoderStream, DrawsByItsSeedAndTemperature) {
  const Example example;
  const Vocoder vocoder = vocoder_of(example);
  const auto run = [&](double temperature, uint64_t seed) {
    VocoderStream stream(vocoder, temperature, Random(seed));
    std::vector<float> out(100);
    stream.frame(std::vector<float>(3, 0.1f), std::vector<float>{0.5f, 0, 0, 0}, out);
    for (const float each : out) EXPECT_LE(std::abs(each), 1);
    return out;
  };
  EXPECT_EQ(run(1, 5), run(1, 5));
  EXPECT_NE(run(1, 5), run(1, 6));
  EXPECT_EQ(run(0, 5), run(0, 6));
}

#ifdef RECUR_COUNTS_ALLOCATIONS
TEST(VocoderStream, AllocatesNothing) {
  const Example example;
  const int64_t begun = allocated;
  const Vocoder vocoder = vocoder_of(example);
  VocoderStream stream(vocoder, 0.7, Random(1));
  std::vector<float> out(100);
  const std::vector<float> features(3, 0.1f), filter{0.5f, 0, 0, 0};
  EXPECT_GT(allocated, begun);
  const int64_t before = allocated;
  for (int frame = 0; frame < 5; ++frame) stream.frame(features, filter, out);
  EXPECT_EQ(allocated, before);
}
#endif

// The right levels come from noisy samples: with them the sound stays where it was.
TEST(VocoderSegment, NoisySamplesAreLedBack) {
  const Example example;
  SynthesizeVocoderOptions noisy = kSmall;
  noisy.noise = 1;
  noisy.levels = 256;
  const Vocoder vocoder = vocoder_of(example, noisy);
  Random random(1);
  const VocoderSegment segment = cut_segment(example.source(), 1, 8, vocoder, example.predictor, random);
  ASSERT_EQ(std::ssize(segment.targets), 8 * example.spectrum.hop());
  EXPECT_EQ(segment.frames.steps(), 12);
  for (int64_t f = 0; f < 6; ++f) EXPECT_EQ(segment.frames.values[static_cast<size_t>(f)], 0);  // before the sound
  std::vector<float> clean = example.samples;
  pre_emphasise(clean);
  for (size_t t = 1; t < segment.targets.size(); ++t) {
    const float had = segment.inputs[3 * t];  // the sample before, companded
    const float right = clean[static_cast<size_t>(example.spectrum.hop()) + t - 1];
    const double off = 255 * std::abs(std::expm1(std::abs(had) * std::log(256.0)) / 255 - std::abs(right));
    EXPECT_LT(off, 255 * 0.05) << t;
  }
}

TEST(Vocoder, LearnsASound) {
  const Example example;
  const Vocoder vocoder = vocoder_of(example);
  Adam adam(vocoder.parameters(), {.rate = 0.02});
  Random random(1);
  double first = 0, last = 0;
  for (int step = 0; step < 200; ++step) {
    std::vector<VocoderSegment> segments;
    std::vector<const VocoderSegment*> places;
    for (int64_t b = 0; b < 2; ++b) {
      segments.push_back(cut_segment(example.source(), 1 + 3 * b, 1, vocoder, example.predictor, random));
    }
    for (const auto& each : segments) places.push_back(&each);
    const Tensor loss = mean(vocoder.losses(places, Mode::training(random)));
    loss.backward();
    adam.step();
    adam.zero_grad();
    (step == 0 ? first : last) = loss.item();
  }
  EXPECT_LT(last, 0.7 * first);
  EXPECT_ERROR(vocoder_of(example, {.levels = 7}), "an even number");
}

}  // namespace
}  // namespace recur
