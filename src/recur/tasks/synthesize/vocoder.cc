#include "recur/tasks/synthesize/vocoder.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/audio/mu_law.h"
#include "recur/kernels/kernels.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/cross_entropy.h"
#include "recur/ops/pad.h"
#include "recur/ops/sum.h"
#include "recur/tensor/data_or_null.h"

namespace recur {
namespace {

constexpr int64_t kSampleInputs = 3;
constexpr int32_t kNoLevel = -1;

// a_1 y_(t-1) + ... of the samples behind `end`.
float predicted(std::span<const float> coefficients, const float* end) {
  float sum = 0;
  for (size_t k = 0; k < coefficients.size(); ++k) sum += coefficients[k] * *(end - 1 - static_cast<int64_t>(k));
  return sum;
}

}  // namespace

double least_vocoder_parameters(const SynthesizeVocoderOptions& o, const VocoderSizes& sizes) {
  if (o.kind == "none") return 0;
  const auto real = [](int64_t n) { return static_cast<double>(n); };
  return 3 * real(o.features) * real(sizes.bands + o.features) + 3 * real(o.hidden) * real(o.hidden + o.features) +
         real(o.levels) * real(o.hidden);
}

Vocoder::Vocoder(const SynthesizeVocoderOptions& options, const VocoderSizes& sizes, Random& random)
    : options_(options),
      bands_(sizes.bands),
      hop_(sizes.hop),
      conv0_({.in = sizes.bands, .out = options.features, .kernel = 3}, random),
      conv1_({.in = options.features, .out = options.features, .kernel = 3}, random),
      rnn_({.cell = "gru", .input = kSampleInputs + options.features, .hidden = options.hidden}, random),
      output_({.in = options.hidden, .out = options.levels}, random) {
  if (options.levels % 2 != 0) fail_usage("vocoder_levels: expected an even number, got {}", options.levels);
  register_module("conv0", conv0_);
  register_module("conv1", conv1_);
  register_module("rnn", rnn_);
  register_module("output", output_);
}

Vocoder Vocoder::in_f32() const {
  if (output_.weight->dtype() == DType::kF32) return *this;
  Random random(0);
  Vocoder out(options_, {.bands = bands_, .hop = hop_}, random);
  out.load_state(state());
  return out;
}

Tensor Vocoder::features(const Tensor& frames) const {
  const int64_t count = frames.size(0) - 2 * kAround;
  const Tensor near = relu(conv0_.inside(frames, count + kAround));
  return tanh(conv1_.inside(near, count));
}

Tensor Vocoder::logits(std::span<const VocoderSegment* const> segments, Mode mode) const {
  const auto batch = std::ssize(segments);
  int64_t longest = 0;
  std::vector<int64_t> lengths;
  for (const VocoderSegment* each : segments) {
    lengths.push_back(std::ssize(each->targets));
    longest = std::max(longest, each->frames.steps());
  }
  Tensor frames = Tensor::zeros({longest, batch, bands_});
  Tensor inputs = Tensor::zeros({(longest - 2 * kAround) * hop_, batch, kSampleInputs});
  for (int64_t b = 0; b < batch; ++b) {
    const VocoderSegment& own = *segments[static_cast<size_t>(b)];
    for (int64_t t = 0; t < own.frames.steps(); ++t) {
      std::copy_n(own.frames.values.data() + t * bands_, bands_, frames.data<float>() + (t * batch + b) * bands_);
    }
    for (int64_t t = 0; t < lengths[static_cast<size_t>(b)]; ++t) {
      std::copy_n(own.inputs.data() + t * kSampleInputs, kSampleInputs,
                  inputs.data<float>() + (t * batch + b) * kSampleInputs);
    }
  }
  const DType dtype = output_.weight->dtype();
  const Tensor read = repeat(features(cast(frames, dtype)), 0, hop_);
  return output_(rnn_(concat({cast(inputs, dtype), read}, 2), {.lengths = lengths, .mode = mode}).y);
}

Tensor Vocoder::losses(std::span<const VocoderSegment* const> segments, Mode mode) const {
  const Tensor logits = this->logits(segments, mode);
  const auto batch = std::ssize(segments);
  Tensor targets = Tensor::full({logits.size(0), batch}, kNoLevel, DType::kI32), counts = Tensor::empty({batch});
  for (int64_t b = 0; b < batch; ++b) {
    const std::vector<int32_t>& own = segments[static_cast<size_t>(b)]->targets;
    for (int64_t t = 0; t < std::ssize(own); ++t) targets.data<int32_t>()[t * batch + b] = own[static_cast<size_t>(t)];
    counts.data<float>()[b] = static_cast<float>(own.size());
  }
  const Tensor nats = cross_entropy(logits, targets, {.ignored = kNoLevel, .reduction = Reduction::kNone});
  return sum(nats, 0) / cast(counts, logits.dtype());
}

VocoderSegment cut_segment(const VocoderSource& source, int64_t first, int64_t count, const Vocoder& vocoder,
                           const MelPredictor& predictor, Random& random) {
  const int64_t bands = source.scaled.width, hop = vocoder.hop(), order = predictor.order();
  const int32_t levels = vocoder.levels();
  VocoderSegment out{.frames = {.values = {}, .width = bands}, .inputs = {}, .targets = {}};
  for (int64_t t = first - Vocoder::kAround; t < first + count + Vocoder::kAround; ++t) {
    for (int64_t f = 0; f < bands; ++f) {
      const bool inside = t >= 0 && t < source.scaled.steps();
      out.frames.values.push_back(inside ? source.scaled.values[static_cast<size_t>(t * bands + f)] : 0);
    }
  }
  FrameRows own{
      .values = {source.frames.values.begin() + first * bands, source.frames.values.begin() + (first + count) * bands},
      .width = bands};
  const std::vector<float> filters = predictor(own);
  // From the samples before the segment on, pre-emphasised; behind the last one lie zeros.
  const auto sample = [&](int64_t t) {
    const auto at = [&](int64_t i) { return i >= 0 && i < std::ssize(source.samples) ? source.samples[i] : 0.0f; };
    return at(t) - kPreEmphasis * at(t - 1);
  };
  const int64_t begin = first * hop;
  std::vector<float> made;  // what the network would have made
  for (int64_t t = begin - order - 1; t < begin; ++t) made.push_back(sample(t));
  float level = 0;
  const auto noise = static_cast<float>(vocoder.options().noise);
  for (int64_t t = 0; t < count * hop; ++t) {
    const std::span<const float> filter(filters.data() + t / hop * order, static_cast<size_t>(order));
    const float prediction = predicted(filter, made.data() + made.size());
    const int32_t right = mu_law_level(companded(sample(begin + t) - prediction), levels);
    out.inputs.insert(out.inputs.end(), {companded(made.back()), companded(prediction), level});
    out.targets.push_back(right);
    const auto off = static_cast<int32_t>(std::lround(noise * random.normal()));
    level = place_of_level(std::clamp(right + off, 0, levels - 1), levels);
    made.push_back(std::clamp(prediction + expanded(level), -1.0f, 1.0f));
  }
  return out;
}

VocoderStream::VocoderStream(const Vocoder& vocoder, double temperature, Random random)
    : order_(vocoder.options().order),
      hop_(vocoder.hop()),
      levels_(vocoder.levels()),
      heat_(temperature > 0 ? static_cast<float>(1 / temperature) : 0),
      random_(random),
      rnn_(vocoder.rnn_.stream()),
      output_(kernels::linear_kernels(),
              {.gates = 1, .input = vocoder.options().hidden, .hidden = vocoder.options().levels},
              {.weight_ih = data_or_null<float>(*vocoder.output_.weight),
               .bias_x = data_or_null<float>(*vocoder.output_.bias)}),
      scratch_(static_cast<size_t>(kernels::stream_scratch_bytes(output_.layout(), 1) / 4 + 16)),
      x_(static_cast<size_t>(kSampleInputs + vocoder.options().features)),
      h_(static_cast<size_t>(vocoder.options().hidden)),
      logits_(static_cast<size_t>(output_.layout().padded_hidden())),
      past_(static_cast<size_t>(order_ + 1 + hop_), 0.0f) {}

int32_t VocoderStream::draw(const float* h) {
  kernels::StreamStep step = output_.step();
  step.x = h;
  step.h = step.next = logits_.data();
  step.scratch = reinterpret_cast<std::byte*>(scratch_.data());
  output_.run(step);
  float* const logits = logits_.data();
  if (heat_ == 0) return static_cast<int32_t>(std::max_element(logits, logits + levels_) - logits);
  if (heat_ != 1) {
    for (int32_t k = 0; k < levels_; ++k) logits[k] *= heat_;
  }
  kernels::table<float>().softmax(logits, logits, 1, levels_, false);
  float left = random_.uniform();
  for (int32_t k = 0; k < levels_; ++k) {
    left -= logits[k];
    if (left < 0) return k;
  }
  // The sum of all is 1 but for rounding: the most probable one stands for what is left.
  return static_cast<int32_t>(std::max_element(logits, logits + levels_) - logits);
}

void VocoderStream::frame(std::span<const float> features, std::span<const float> prediction, std::span<float> out) {
  std::ranges::copy(features, x_.begin() + kSampleInputs);
  float* const past = past_.data();
  for (int64_t t = 0; t < hop_; ++t) {
    float* const now = past + order_ + 1 + t;
    const float guess = predicted(prediction, now);
    x_[0] = companded(now[-1]);
    x_[1] = companded(guess);
    x_[2] = level_;
    rnn_.step(x_, h_);
    level_ = place_of_level(draw(h_.data()), levels_);
    *now = std::clamp(guess + expanded(level_), -1.0f, 1.0f);
    sample_ = *now + kPreEmphasis * sample_;
    out[t] = std::clamp(sample_, -1.0f, 1.0f);
  }
  std::copy_n(past + hop_, order_ + 1, past);
}

}  // namespace recur
