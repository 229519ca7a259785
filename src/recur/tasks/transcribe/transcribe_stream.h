// Transcription of a sound that is still arriving.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "recur/data/audio/resample.h"
#include "recur/data/audio/wave_stream.h"
#include "recur/nn/conv_stream.h"
#include "recur/tasks/session.h"
#include "recur/tasks/transcribe/transcribe_trained.h"

namespace recur {

// Why a model cannot transcribe a sound that is still arriving, in words; "": it can.
std::string why_not_streamed(const TranscribeTrained& model, const Transcriber& transcriber);

// How far behind a moment a sound must have come before that moment is heard, in seconds: the window of its features,
// and what the convolutions see behind it.
double latency_seconds(const TranscribeTrained& model);

// Features, convolutions, recurrence and search, each as far as the samples that have come allow; the words are those
// of the whole sound, however it is cut. REQUIRES: why_not_streamed() is "".
class TranscribeStream {
 public:
  // What it refers to must outlive it.
  TranscribeStream(const TranscribeTrained& model, const Transcriber& transcriber);

  // More samples, at the model's rate.
  void take(std::span<const float> samples);
  // Behind the last one, once.
  void finish();
  // Words that have ended since this was last asked.
  std::vector<HeardWord> words() { return words_.take(); }

 private:
  void hear(const Tensor& shortened);

  const TranscribeTrained& model_;
  SpectralFeatures features_;
  std::vector<float> samples_;  // that further windows need
  int64_t to_pass_ = 0;         // samples that no window needs, where hops are longer
  ConvStream front_, conv_;
  RecurrentState state_;
  std::unique_ptr<HeadStream> head_;
  double step_seconds_;
  int64_t steps_ = 0;  // that were heard
  WordGatherer words_;
};

// Bytes of a wave file, or of raw sound at the option `rate`, become a row for each word. Other data are transcribed as
// they are once all of them have come.
class TranscribeSession : public Session {
 public:
  // Refers to the model.
  explicit TranscribeSession(const TranscribeTrained& model, std::unique_ptr<PrefixScorer> scorer);

  void take(const Chunk& chunk, Sink& out) override;
  void finish(Sink& out) override;
  bool takes_bytes() const override { return true; }

 private:
  void hear(std::string_view bytes, Sink& out);
  void hear_samples(std::span<const float> samples);
  void write_words(Sink& out);
  void say_speed() const;

  const TranscribeTrained& model_;
  std::unique_ptr<PrefixScorer> scorer_;
  Transcriber transcriber_;
  std::string unknown_;  // the first bytes, until it is clear what they are; or all of other data
  std::optional<WaveStream> wave_;
  bool is_other_ = false, has_columns_ = false;
  std::optional<ResampleStream> resampler_;
  TranscribeStream stream_;
  int64_t samples_ = 0;
  double busy_ = 0;  // seconds
};

}  // namespace recur
