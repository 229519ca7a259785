// A trained speaker: networks, characters, scales.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "recur/tasks/synthesize/band_scales.h"
#include "recur/tasks/synthesize/speech_model.h"
#include "recur/tasks/synthesize/speech_set.h"
#include "recur/tasks/synthesize/speech_text.h"
#include "recur/tasks/synthesize/vocoder.h"
#include "recur/tasks/synthesize/voice.h"
#include "recur/tasks/trained.h"

namespace recur {

const TaskInfo& synthesize_info();

// What a model keeps of the lengths of its training data.
struct SpeechLengths {
  double frames_per_symbol = 8;
  int64_t symbols = 100;  // of the longest text
};

struct SpeechKnowledge {
  std::shared_ptr<const Pronouncer> pronouncer;  // null: none
  SpeechText text;
  BandScales scales;
  SpeechLengths lengths;
};
Assets assets_of(const SpeechKnowledge& knowledge);
// Throws Error: they are untrusted input, as is the number of elements of the file's tensors.
SpeechKnowledge read_knowledge(const Assets& assets, const SynthesizeOptions& options, int64_t elements);

// Both networks, and what pronounces words. Parameters: speech.*, vocoder.*; buffers: pronounce.translate.*.
class SynthesizeNetwork : public Module {
 public:
  // `pronouncer` null: none.
  SynthesizeNetwork(const SynthesizeOptions& options, const SpeechSizes& sizes, int64_t hop,
                    const Pronouncer* pronouncer, Random& random);

  const SpeechModel& speech() const { return speech_; }
  const Vocoder* vocoder() const { return vocoder_ ? &*vocoder_ : nullptr; }  // null: none

 private:
  SpeechModel speech_;
  std::optional<Vocoder> vocoder_;
};

// A text that was spoken.
struct Speech {
  SpeechSymbols symbols;
  SpokenFrames spoken;
};

class SynthesizeTrained : public TrainedOf<SynthesizeTrained, SynthesizeOptions> {
 public:
  // New networks. The sample rate of the options must have been chosen: not 0.
  SynthesizeTrained(const SynthesizeOptions& options, SpeechKnowledge knowledge, Random& random);

  const TaskInfo& info() const override { return synthesize_info(); }
  void declare_generate(Config& config) override { config.add(options_.use.speak, "Speech"); }
  Evaluation evaluate(const DataFiles& data, Sink* examples) const override;
  // mel_distance.
  std::vector<TaskMeasure> measures(const KeptRows& examples) const override;
  // Rows of texts, whose sounds are written where the options say so.
  void predict(const DataFiles& data, Sink& out) const override;
  // Speaks the prompt, sentence by sentence.
  void generate(const GenerateOptions& options, Sink& out) const override;
  Description describe() const override;
  Assets assets() const override { return assets_of(knowledge_); }

  const SynthesizeNetwork& network() const { return network_; }
  SynthesizeNetwork& network() { return network_; }
  const SpeechKnowledge& knowledge() const { return knowledge_; }
  const MelSpectrum& spectrum() const { return *spectrum_; }

  // Texts with symbols, in batches. Throws Error for frames that are no numbers.
  std::vector<Speech> speak(std::vector<SpeechSymbols> texts) const;
  Voice voice() const { return {*spectrum_, knowledge_.scales, network_.vocoder()}; }
  VoiceOptions voice_options(double temperature) const;
  double step_seconds() const;

 private:
  int64_t own_vocoded_;  // what `vocoded` was in training; another was set since
  SpeechKnowledge knowledge_;
  std::shared_ptr<const MelSpectrum> spectrum_;
  SynthesizeNetwork network_;
};

// A list or folder of sounds with texts. `texts`: only the texts are needed.
Transcripts read_speech_list(const DataFiles& data, const SynthesizeDataOptions& options);

}  // namespace recur
