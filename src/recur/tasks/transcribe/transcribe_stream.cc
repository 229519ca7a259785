#include "recur/tasks/transcribe/transcribe_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/log.h"
#include "recur/data/audio/sound_file.h"
#include "recur/ops/cast.h"

namespace recur {

std::string why_not_streamed(const TranscribeTrained& model, const Transcriber& transcriber) {
  const TranscribeOptions& options = model.options();
  if (reads_pictures(options.features)) return "it reads pictures";
  std::vector<std::string> why;
  if (options.model.rnn.bidirectional) why.emplace_back("its layers are bidirectional");
  if (options.model.pyramid > 0) why.emplace_back("its pyramid reads pairs of steps");
  if (options.model.attention_blocks > 0) why.emplace_back("its attention blocks read the whole sound");
  if (options.features.normalise == "utterance" || options.features.normalise == "speaker") {
    why.push_back("its features are normalised over a whole " + options.features.normalise);
  }
  if (transcriber.model.head().stream(search_of(transcriber)) == nullptr) {
    why.emplace_back(options.model.output == "ctc" ? "a beam search of CTC needs the whole sound"
                                                   : "a decoder with attention needs the whole sound");
  }
  return fmt::format("{}", fmt::join(why, "; "));
}

double latency_seconds(const TranscribeTrained& model) {
  const TranscribeOptions& options = model.options();
  const int64_t rate = options.data.rate;
  const SpectralFeatures features = spectral_features(options.features, rate);
  const int64_t steps =
      look_ahead(model.network().front()) + options.model.subsample * look_ahead(model.network().conv());
  return static_cast<double>(steps * features.hop() + features.window()) / static_cast<double>(rate);
}

TranscribeStream::TranscribeStream(const TranscribeTrained& model, const Transcriber& transcriber)
    : model_(model),
      features_(spectral_features(model.options().features, model.options().data.rate)),
      front_(model.network().front()),
      conv_(model.network().conv()),
      head_(transcriber.model.head().stream(search_of(transcriber))),
      step_seconds_(transcriber.step_seconds()),
      words_(transcriber.encoder, transcriber.step_seconds()) {}

// Steps of recurrent layers' input; undefined: none.
void TranscribeStream::hear(const Tensor& shortened) {
  if (!shortened.defined()) return;
  RecurrentOutput out = model_.network().recurrent()(shortened, {.state = state_, .mode = Mode::evaluation()});
  state_ = std::move(out.state);
  check_finite(cast(out.y, DType::kF32).values<float>(), [&] {
    return fmt::format("standard input: the {:.2f} s from {:.2f} s on",
                       static_cast<double>(out.y.size(0)) * step_seconds_, static_cast<double>(steps_) * step_seconds_);
  });
  steps_ += out.y.size(0);
  for (const SaidSymbol& each : head_->take(out.y)) words_.add(each);
}

void TranscribeStream::take(std::span<const float> samples) {
  const autograd::NoGrad no_grad;
  const auto passed = std::min(to_pass_, std::ssize(samples));
  to_pass_ -= passed;
  samples_.insert(samples_.end(), samples.begin() + passed, samples.end());
  FrameRows rows = features_(samples_);
  if (rows.steps() == 0) return;
  const int64_t done = rows.steps() * features_.hop(), there = std::min(done, std::ssize(samples_));
  samples_.erase(samples_.begin(), samples_.begin() + there);
  to_pass_ = done - there;
  if (model_.global() != nullptr) normalise(rows, *model_.global());
  const FrameRows* const only[] = {&rows};
  const Tensor x = cast(batch_of(only).x, model_.network().dtype());
  if (const Tensor front = front_.take(x); front.defined()) hear(conv_.take(front));
}

void TranscribeStream::finish() {
  const autograd::NoGrad no_grad;
  if (const Tensor front = front_.finish(); front.defined()) hear(conv_.take(front));
  hear(conv_.finish());
  for (const SaidSymbol& each : head_->finish()) words_.add(each);
  words_.end_word();
}

TranscribeSession::TranscribeSession(const TranscribeTrained& model, std::unique_ptr<PrefixScorer> scorer)
    : model_(model),
      scorer_(std::move(scorer)),
      transcriber_(model.transcriber(scorer_.get())),
      stream_(model, transcriber_) {
  if (const int64_t rate = model.options().use.raw_rate; rate > 0) wave_ = WaveStream::raw(rate);
}

void TranscribeSession::take(const Chunk& chunk, Sink& out) {
  if (wave_ && samples_ == 0 && model_.options().use.raw_rate > 0 &&
      WaveStream::begins_wave(chunk.line).value_or(false)) {
    fail_usage("rate: the standard input is a wave file, which says its rate itself; rate is for raw samples");
  }
  if (wave_) return hear(chunk.line, out);
  unknown_ += chunk.line;
  if (is_other_) return;
  const auto is_wave = WaveStream::begins_wave(unknown_);
  if (!is_wave) return;
  is_other_ = !*is_wave;
  if (is_other_) return;
  wave_.emplace();
  hear(std::exchange(unknown_, {}), out);
}

void TranscribeSession::hear(std::string_view bytes, Sink& out) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<float> samples = wave_->take(bytes);
  const int64_t rate = model_.options().data.rate;
  if (wave_->rate() > 0 && !has_columns_) {
    has_columns_ = true;
    out.columns({"word", "begin", "end", "confidence"});
    if (wave_->rate() != rate) {
      resampler_.emplace(wave_->rate(), rate);
      log_info("sound with {} samples per second is resampled to {}", wave_->rate(), rate);
    }
    if (wave_->channels() > 1) log_info("the {} channels are averaged", wave_->channels());
  }
  samples_ += std::ssize(samples);
  hear_samples(resampler_ ? resampler_->take(samples) : samples);
  busy_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  write_words(out);
}

void TranscribeSession::hear_samples(std::span<const float> samples) {
  // A long piece is heard bit by bit, so that memory does not depend on how the sound is cut.
  constexpr size_t kMost = size_t{1} << 16;
  for (; !samples.empty(); samples = samples.subspan(std::min(kMost, samples.size()))) {
    stream_.take(samples.first(std::min(kMost, samples.size())));
  }
}

void TranscribeSession::write_words(Sink& out) {
  for (const HeardWord& word : stream_.words()) {
    out.row(std::vector<TableCell>{word.text, word.begin, word.end, word.confidence});
  }
}

void TranscribeSession::finish(Sink& out) {
  if (!wave_) {
    if (unknown_.empty()) fail("standard input: expected sound, got nothing");
    if (unknown_.find('\0') != std::string::npos && !begins_sound(unknown_)) {
      fail("standard input: neither a sound file nor a list of them; raw samples need their rate (rate)");
    }
    return model_.predict({DataFile::from_memory("standard input", std::move(unknown_))}, out);
  }
  const auto begin = std::chrono::steady_clock::now();
  const int64_t cut = wave_->finish();
  if (samples_ == 0) fail("standard input: the sound has no samples");
  if (resampler_) hear_samples(resampler_->finish());
  stream_.finish();
  busy_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  write_words(out);
  if (cut > 0) log_warning("standard input ends within sample {}, which is left out", cut);
  say_speed();
}

void TranscribeSession::say_speed() const {
  const double seconds = static_cast<double>(samples_) / static_cast<double>(wave_->rate());
  log_info("{:.2f} s of sound took {:.2f} s: real-time factor {:.4f}; look-ahead {:.3f} s", seconds, busy_,
           busy_ / std::max(seconds, 1e-9), latency_seconds(model_));
}

}  // namespace recur
