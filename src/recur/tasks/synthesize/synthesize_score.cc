#include "recur/tasks/synthesize/synthesize_score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/files/plain_text.h"
#include "recur/ops/cast.h"
#include "recur/tasks/baseline_results.h"
#include "recur/tasks/synthesize/alignment.h"
#include "recur/tasks/synthesize/synthesize_data.h"

namespace recur {
namespace {

constexpr double kDecibels = 8.685889638;  // of a factor e of magnitudes

// What is found of a sound.
struct SpeechScore {
  double loss = 0, vocoder_loss = 0, mel_distance = 0, mean_distance = 0, free_distance = 0, free_seconds = 0;
  double focus = 0;
  std::string ended;
  bool diagonal = false;
};

// Mean absolute difference of scaled frames in decibels; of rows `a`, F numbers each, `stride` apart.
double frame_distance(const float* a, int64_t stride, const FrameRows& b, const BandScales& scales) {
  double sum = 0;
  for (int64_t t = 0; t < b.steps(); ++t) {
    for (int64_t f = 0; f < b.width; ++f) {
      const auto band = static_cast<size_t>(f);
      const double right = b.values[static_cast<size_t>(t * b.width + f)];
      const double said = a == nullptr ? 0 : a[t * stride + f];
      sum += std::abs(said - right) * scales.deviation[band];
    }
  }
  return kDecibels * sum / static_cast<double>(b.steps() * b.width);
}

class SpeechMeasure {
 public:
  SpeechMeasure(const SynthesizeTrained& trained, const SpeechSet& set, bool says)
      : trained_(trained), set_(set), scores_(static_cast<size_t>(set.size())) {
    const SpeechText& text = trained.knowledge().text;
    SpeechGaps gaps;
    std::vector<std::string> silent, texts;
    for (int64_t i = 0; i < set.size(); ++i) texts.push_back(set.item(i).text);
    text.prepare(texts);
    for (int64_t i = 0; i < set.size(); ++i) {
      symbols_.push_back(text.encode(texts[static_cast<size_t>(i)], gaps));
      if (symbols_.back().empty()) {
        silent.push_back(set.item(i).name);
      } else {
        used_.push_back(i);
      }
    }
    if (says) gaps.warn();
    if (says && !silent.empty()) {
      log_warning("{} texts have no letter, digit or phoneme that the model knows, and are left out: {}", silent.size(),
                  listed(silent, 5));
    }
    if (used_.empty()) {
      fail("none of {} texts has a letter, digit or phoneme that the model knows", set.size());
    }
  }

  const std::vector<int64_t>& used() const { return used_; }
  const SpeechScore& score(int64_t i) const { return scores_[static_cast<size_t>(i)]; }

  void run() {
    const autograd::NoGrad no_grad;
    std::vector<int64_t> lengths;
    for (const int64_t i : used_) lengths.push_back(set_.steps(i));
    for (const auto& batch :
         batches_by_length(lengths, {.batch = trained_.options().use.batch, .most_steps = 1 << 15})) {
      check_stop();
      std::vector<int64_t> which;
      which.reserve(batch.size());
      for (const int32_t k : batch) which.push_back(used_[static_cast<size_t>(k)]);
      run_batch(which);
    }
  }

 private:
  void run_batch(const std::vector<int64_t>& which) {
    std::vector<EncodedSpeech> sounds;
    std::vector<SpeechPair> pairs;
    std::vector<SpeechSymbols> texts;
    for (const int64_t i : which) {
      // Which parts of sounds the vocoder is measured on depends on their number alone.
      Random random(static_cast<uint64_t>(i), 17);
      sounds.push_back(encode_speech(*set_.load(i), symbols_[static_cast<size_t>(i)], trained_, random));
      texts.push_back(symbols_[static_cast<size_t>(i)]);
    }
    std::vector<const EncodedSpeech*> places;
    for (const EncodedSpeech& each : sounds) {
      pairs.push_back({&each.symbols, &each.frames});
      places.push_back(&each);
    }
    const SynthesizeNetwork& network = trained_.network();
    const SpeechModel::Taught taught = network.speech().teach(pairs, Mode::evaluation());
    const SpeechLosses losses = speech_losses(network, taught, places, Mode::evaluation());
    const Tensor after = cast(taught.after, DType::kF32), all = cast(losses.all, DType::kF32);
    const Tensor nats = losses.vocoder.defined() ? cast(losses.vocoder, DType::kF32) : Tensor();
    const std::vector<Speech> spoken = trained_.speak(std::move(texts));
    const auto batch = std::ssize(which);
    const BandScales& scales = trained_.knowledge().scales;
    for (int64_t b = 0; b < batch; ++b) {
      const auto at = static_cast<size_t>(b);
      SpeechScore& score = scores_[static_cast<size_t>(which[at])];
      const FrameRows& right = sounds[at].frames;
      score.loss = double{all.values<float>()[at]} / static_cast<double>(right.steps());
      if (nats.defined()) score.vocoder_loss = nats.values<float>()[at];
      score.mel_distance =
          frame_distance(after.values<float>().data() + b * right.width, batch * right.width, right, scales);
      score.mean_distance = frame_distance(nullptr, 0, right, scales);
      FrameRows said = spoken[at].spoken.frames, wanted = right;
      scales.undo(said);
      scales.undo(wanted);
      score.free_distance = warped_distance(said, wanted);
      score.free_seconds = static_cast<double>(said.steps() * trained_.spectrum().hop()) /
                           static_cast<double>(trained_.options().data.rate);
      score.ended = spoken[at].spoken.ended;
      score.diagonal = is_diagonal(spoken[at].spoken.weights);
      score.focus = focus(spoken[at].spoken.weights);
    }
  }

  const SynthesizeTrained& trained_;
  const SpeechSet& set_;
  std::vector<SpeechSymbols> symbols_;
  std::vector<int64_t> used_;
  std::vector<SpeechScore> scores_;
};

void write_rows(const SpeechMeasure& measured, const SpeechSet& set, bool has_vocoder, Sink& out) {
  std::vector<std::string> columns{
      "sound",        "seconds", "frames",   "loss", "mel_distance", "mean_mel_distance", "free_mel_distance",
      "free_seconds", "ended",   "diagonal", "focus"};
  if (has_vocoder) columns.emplace_back("vocoder_loss");
  columns.emplace_back("text");
  out.columns(columns);
  for (const int64_t i : measured.used()) {
    const SpeechScore& score = measured.score(i);
    std::vector<TableCell> row{set.item(i).name,   set.seconds(i),          set.steps(i),        score.loss,
                               score.mel_distance, score.mean_distance,     score.free_distance, score.free_seconds,
                               score.ended,        int64_t{score.diagonal}, score.focus};
    if (has_vocoder) row.emplace_back(score.vocoder_loss);
    row.emplace_back(set.item(i).text);
    out.row(row);
  }
}

// How near sounds come to themselves that are made of their own frames.
void add_vocoded(const SynthesizeTrained& trained, const SpeechSet& set, const std::vector<int64_t>& used,
                 Evaluation& result) {
  const SynthesizeUseOptions& use = trained.options().use;
  const auto count = static_cast<int64_t>(std::min<size_t>(used.size(), static_cast<size_t>(use.vocoded)));
  if (count == 0 || trained.network().vocoder() == nullptr) return;
  double by_network = 0, by_algorithm = 0;
  for (int64_t k = 0; k < count; ++k) {
    check_stop();
    const auto sound = set.load(used[static_cast<size_t>(k)]);
    FrameRows frames = sound->frames;
    trained.knowledge().scales.apply(frames);
    const auto distance = [&](bool vocoder) {
      const VoiceOptions how{
          .vocoder = vocoder, .griffin_lim_steps = use.speak.griffin_lim_steps, .temperature = use.temperature};
      return spectral_distance(trained.voice().sound(frames, how, Random(use.seed, static_cast<uint64_t>(k))),
                               sound->samples, trained.options().data.rate);
    };
    by_network += distance(true);
    by_algorithm += distance(false);
  }
  const auto number = static_cast<double>(count);
  result.metrics.push_back({"vocoder_distance", by_network / number});
  result.metrics.push_back({"griffin_lim_distance", by_algorithm / number});
}

}  // namespace

double warped_distance(const FrameRows& a, const FrameRows& b) {
  const int64_t rows = a.steps(), columns = b.steps(), bands = a.width;
  constexpr double kNever = std::numeric_limits<double>::infinity();
  // Sums along the best path to each place of a row, and how many places it has.
  std::vector<double> before(static_cast<size_t>(columns), kNever), now(before);
  std::vector<int64_t> steps_before(static_cast<size_t>(columns), 0), steps_now(steps_before);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (int64_t f = 0; f < bands; ++f) {
        sum += std::abs(double{a.values[static_cast<size_t>(i * bands + f)]} -
                        double{b.values[static_cast<size_t>(j * bands + f)]});
      }
      const auto at = static_cast<size_t>(j);
      double best = i == 0 && j == 0 ? 0 : kNever;
      int64_t places = 0;
      const auto take = [&](double value, int64_t count) {
        if (value < best) {
          best = value;
          places = count;
        }
      };
      if (i > 0 && j > 0) take(before[at - 1], steps_before[at - 1]);
      if (i > 0) take(before[at], steps_before[at]);
      if (j > 0) take(now[at - 1], steps_now[at - 1]);
      now[at] = best + sum;
      steps_now[at] = places + 1;
    }
    std::swap(before, now);
    std::swap(steps_before, steps_now);
  }
  return kDecibels * before.back() / static_cast<double>(steps_before.back() * bands);
}

double spectral_distance(std::span<const float> a, std::span<const float> b, int64_t rate) {
  constexpr double kFloor = 1e-4;
  const int64_t hop = std::max<int64_t>(rate / 160, 1), window = 4 * hop;
  const Stft stft(window, hop);
  const std::vector<float> x = stft(a), y = stft(b);
  const size_t count = std::min(x.size(), y.size()) / 2;
  double sum = 0;
  const auto level = [&](const std::vector<float>& of, size_t i) {
    return std::log(std::max(std::hypot(double{of[2 * i]}, double{of[2 * i + 1]}) / stft.gain(), kFloor));
  };
  for (size_t i = 0; i < count; ++i) sum += std::abs(level(x, i) - level(y, i));
  return count == 0 ? 0 : kDecibels * sum / static_cast<double>(count);
}

Evaluation measure(const SynthesizeTrained& trained, const SpeechSet& set, Sink* examples, bool validates) {
  SpeechMeasure measured(trained, set, !validates);
  measured.run();
  const bool has_vocoder = trained.network().vocoder() != nullptr;
  if (examples != nullptr) write_rows(measured, set, has_vocoder, *examples);
  SpeechScore sums;
  double frames = 0, sounds = 0, diagonal = 0, runs_on = 0, stopped = 0;
  for (const int64_t i : measured.used()) {
    const SpeechScore& score = measured.score(i);
    const auto weight = static_cast<double>(set.steps(i));
    frames += weight;
    ++sounds;
    sums.loss += weight * score.loss;
    sums.vocoder_loss += weight * score.vocoder_loss;
    sums.mel_distance += weight * score.mel_distance;
    sums.mean_distance += weight * score.mean_distance;
    sums.free_distance += score.free_distance;
    sums.focus += score.focus;
    diagonal += score.diagonal ? 1 : 0;
    runs_on += score.ended == "bound" ? 1 : 0;
    stopped += score.ended == "stop" ? 1 : 0;
  }
  Evaluation result{.examples = std::ssize(measured.used()),
                    .metrics = {{"loss", sums.loss / frames},
                                {"mel_distance", sums.mel_distance / frames},
                                {"free_mel_distance", sums.free_distance / sounds},
                                {"diagonal", diagonal / sounds},
                                {"focus", sums.focus / sounds},
                                {"stopped", stopped / sounds},
                                {"runs_on", runs_on / sounds}}};
  if (has_vocoder) result.metrics.push_back({"vocoder_loss", sums.vocoder_loss / frames});
  if (!validates) add_vocoded(trained, set, measured.used(), result);
  add_baselines(result, {.by = {.metric = "mel_distance"},
                         .methods = {{"mean frame", {{"mel_distance", sums.mean_distance / frames}}}}});
  return result;
}

}  // namespace recur
