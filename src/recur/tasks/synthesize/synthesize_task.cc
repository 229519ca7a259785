#include "recur/tasks/synthesize/synthesize_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"
#include "recur/data/files/byte_limits.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/synthesize/handwriting/writer_training.h"
#include "recur/tasks/synthesize/synthesize_training.h"
#include "recur/tasks/synthesize/unread_options.h"
#include "recur/tasks/transcribe/sound_set.h"

namespace recur {
namespace {

// The items of `which` alone.
Transcripts items_of(const Transcripts& all, const std::vector<int64_t>& which) {
  Transcripts out{.items = {}, .files = all.files, .notes = {}, .warnings = {}, .has_speakers = all.has_speakers};
  for (const int64_t i : which) out.items.push_back(all.items[static_cast<size_t>(i)]);
  return out;
}

// The training part: which sounds are used, and what they say.
struct SpokenTexts {
  std::shared_ptr<const SpeechSet> set;
  std::vector<int64_t> sounds;         // into the set
  std::vector<SpeechSymbols> symbols;  // of each
  std::vector<int64_t> lengths;        // frames
  double seconds = 0;

  SpokenTexts(std::shared_ptr<const SpeechSet> all, const SpeechText& text, double most_seconds) : set(std::move(all)) {
    std::vector<std::string> silent, long_ones;
    SpeechGaps gaps;
    for (int64_t i = 0; i < set->size(); ++i) {
      SpeechSymbols own = text.encode(set->item(i).text, gaps);
      if (set->seconds(i) > most_seconds) {
        long_ones.push_back(set->item(i).name);
      } else if (own.empty()) {
        silent.push_back(set->item(i).name);
      } else {
        sounds.push_back(i);
        symbols.push_back(std::move(own));
        lengths.push_back(set->steps(i));
        seconds += set->seconds(i);
      }
    }
    gaps.warn();
    warn(long_ones, fmt::format("are longer than {} s and are left out; most_seconds bounds them", most_seconds));
    warn(silent, "have a text without a letter, digit or phoneme and are left out");
    if (sounds.empty()) fail("no sound is left to learn from");
  }

  SpeechLengths kept_lengths() const {
    SpeechLengths out{.frames_per_symbol = 0, .symbols = 1};
    double frames = 0, count = 0;
    for (size_t i = 0; i < symbols.size(); ++i) {
      frames += static_cast<double>(lengths[i]);
      count += static_cast<double>(symbols[i].size());
      out.symbols = std::max<int64_t>(out.symbols, std::ssize(symbols[i]));
    }
    out.frames_per_symbol = frames / count;
    return out;
  }

  DataChecksum checksum() const {
    DataChecksum out;
    for (size_t i = 0; i < symbols.size(); ++i) {
      out.add(symbols[i]);
      const double sum = set->fingerprint(sounds[i]);
      out.add(std::span(&sum, 1));
    }
    return out;
  }

 private:
  void warn(const std::vector<std::string>& names, std::string_view what) const {
    if (!names.empty()) log_warning("{} of {} sounds {}: {}", names.size(), set->size(), what, listed(names, 5));
  }
};

void choose_rate(const Transcripts& list, SynthesizeDataOptions& options) {
  constexpr int64_t kUsual = 16000;
  if (options.rate > 0) return;
  options.rate = std::min(common_rate(list), kUsual);
  log_info("speech is learnt at {} samples a second; set sample_rate to change this", options.rate);
}

// Whether phonemes are read is chosen where it is left open.
void choose_tokens(SynthesizeDataOptions& options) {
  if (options.tokens == "chars" && !options.pronounce.empty()) {
    fail_usage("pronounce: expected tokens to be phonemes, got chars");
  }
  if (options.tokens == "auto") options.tokens = options.pronounce.empty() ? "chars" : "phonemes";
  // Written into the run's folder, from which it may be resumed elsewhere.
  if (!options.pronounce.empty()) options.pronounce = absolute_path(options.pronounce);
}

// How texts are read, and by whom words are pronounced.
struct TextReading {
  std::shared_ptr<const Pronouncer> pronouncer;
  SpeechText text;
};

TextReading new_reading(const std::vector<std::string>& texts, const SynthesizeDataOptions& options) {
  std::shared_ptr<const Pronouncer> pronouncer;
  if (!options.pronounce.empty()) pronouncer = Pronouncer::read(options.pronounce);
  SpeechText::Reader reader = options.tokens == "phonemes" ? phoneme_reader(pronouncer, options.lower_case)
                                                           : character_reader(options.lower_case);
  return {std::move(pronouncer), SpeechText::fit(texts, std::move(reader))};
}

// What of the validation texts is not spoken is said once.
void say_gaps(const SpeechSet& set, const SpeechText& text) {
  SpeechGaps gaps;
  for (int64_t i = 0; i < set.size(); ++i) text.encode(set.item(i).text, gaps);
  gaps.warn();
}

std::vector<std::string> texts_of(const Transcripts& list) {
  std::vector<std::string> texts;
  for (const Transcript& item : list.items) texts.push_back(item.text);
  return texts;
}

}  // namespace

const TaskInfo& SynthesizeTask::info() const { return synthesize_info(); }

void SynthesizeTask::declare_use(Config& config) {
  TaskOf::declare_use(config);
  config.add(options.pen, "Evaluation of handwriting");
}

std::unique_ptr<Training> SynthesizeTask::train(const TrainingData& data, const TrainingStart& start) {
  if (hold_writings(data.files)) return train_writer(options, data, start);
  const auto* first = first_model<SynthesizeTrained>(start);
  if (start.first != nullptr && first == nullptr) fail("from_model: expected a model that speaks, got one that writes");
  refuse_handwriting_options(options, first != nullptr ? first->options() : SynthesizeOptions{});
  Transcripts list = read_speech_list(data.files, options.data), valid;
  const std::string read = fmt::format("{}: {} sounds", files_text(list.files), list.items.size());
  if (data.held_out) {
    const HoldOut drawn = hold_out(std::vector<std::string>(list.items.size()), *data.held_out, start.seed);
    valid = items_of(list, drawn.valid);
    Transcripts rest = items_of(list, drawn.train);
    rest.notes = std::move(list.notes);
    rest.warnings = std::move(list.warnings);
    list = std::move(rest);
  } else if (!data.valid.empty()) {
    valid = read_speech_list(data.valid, options.data);
  }
  if (start.first == nullptr) choose_tokens(options.data);
  TextReading how = first != nullptr ? TextReading{first->knowledge().pronouncer, first->knowledge().text}
                                     : new_reading(texts_of(list), options.data);
  choose_rate(list, options.data);
  const SpeechSetOptions reading{
      .rate = options.data.rate, .trim_db = options.data.trim_db, .memory_bytes = usual_memory_bytes()};
  const auto set = std::make_shared<const SpeechSet>(std::move(list), options.frames, reading);
  set->log_all();
  const auto spoken = std::make_shared<const SpokenTexts>(set, how.text, options.data.most_seconds);
  Random random(start.seed, kInitialValues);
  SpeechKnowledge knowledge = first != nullptr ? first->knowledge()
                                               : SpeechKnowledge{std::move(how.pronouncer), std::move(how.text),
                                                                 scales_of(set->moments()), spoken->kept_lengths()};
  SynthesizeTrained trained(options, std::move(knowledge), random);
  // A copy shares the networks, of which only sizes are asked.
  const auto encoder = std::make_shared<const SynthesizeTrained>(trained);
  SynthesizeParts parts{.train = function_dataset<EncodedSpeech>(
                            spoken->lengths,
                            [spoken, encoder](int64_t i, Random& draws) {
                              const auto at = static_cast<size_t>(i);
                              return encode_speech(*spoken->set->load(spoken->sounds[at]), spoken->symbols[at],
                                                   *encoder, draws);
                            },
                            set->in_memory()),
                        .checksum = spoken->checksum(),
                        .valid = nullptr};
  if (!valid.items.empty()) {
    parts.valid = std::make_shared<SpeechSet>(std::move(valid), options.frames, reading);
    parts.valid->log_all();
    say_gaps(*parts.valid, encoder->knowledge().text);
  }
  const auto steps = static_cast<int64_t>(options.data.batch_seconds * 1000 / options.frames.hop);
  ShuffledBatches<EncodedSpeech> batches(
      parts.train, {.batch = options.data.batch, .most_steps = std::max<int64_t>(steps, 1)}, start);
  auto training = std::make_unique<SynthesizeTraining>(std::move(trained), std::move(parts), std::move(batches));
  training->set_taken(
      fmt::format("{}; {} of {:.1f} minutes to learn from", read, spoken->sounds.size(), spoken->seconds / 60));
  return training;
}

std::unique_ptr<Trained> SynthesizeTask::restore(const Assets& assets, int64_t elements) const {
  SynthesizeOptions own = options;
  // What is written is for whoever uses a model to say, not for its file.
  own.use.sounds.clear();
  own.use.alignments = false;
  own.use.speak.chart.clear();
  own.pen.write.picture.clear();
  if (are_of_a_writer(assets)) return restore_writer(own, assets, elements);
  constexpr int64_t kLeastRate = 100;
  if (own.data.rate < kLeastRate) fail("sample_rate: expected that of a model, got {}", own.data.rate);
  SpeechKnowledge knowledge = read_knowledge(assets, own, elements);
  const MelSpectrum spectrum = mel_spectrum(own.frames, own.data.rate);
  const SpeechSizes sizes{.symbols = knowledge.text.symbols(), .bands = spectrum.bands()};
  check_least_parameters(least_speech_parameters(own.model, sizes) +
                             least_vocoder_parameters(own.vocoder, {.bands = sizes.bands, .hop = spectrum.hop()}),
                         elements);
  Random random(0);
  return std::make_unique<SynthesizeTrained>(own, std::move(knowledge), random);
}

}  // namespace recur
