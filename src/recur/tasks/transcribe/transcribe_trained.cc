#include "recur/tasks/transcribe/transcribe_trained.h"

#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/byte_limits.h"
#include "recur/data/files/scratch_file.h"
#include "recur/tasks/transcribe/word_scorer.h"

namespace recur {

const TaskInfo& transcribe_info() {
  static const TaskInfo info{
      .name = "transcribe",
      .summary = "Transcription: writes what is said in a sound, or what stands in a picture of a line",
      .data = "sounds or PNGs with their texts: lists, or folders with a .txt beside each",
      .unit = "sounds"};
  return info;
}

Transcripts read_list(const DataFiles& data, const TranscribeDataOptions& options, bool texts) {
  return read_transcripts(data, {.file = options.audio,
                                 .text = options.text,
                                 .speaker = options.speaker,
                                 .header = options.header,
                                 .need_texts = texts,
                                 .is_kind = is_sound_or_picture});
}

SoundSet read_sounds(Transcripts list, const TranscribeOptions& options, const std::vector<int64_t>& speeds) {
  if (options.features.normalise == "speaker" && !list.has_speakers) {
    log_warning(
        "normalise: the list does not say who speaks everywhere: sounds without a speaker are normalised alone");
  }
  SoundSet sounds(std::move(list), {.features = options.features,
                                    .rate = options.data.rate,
                                    .speeds = speeds,
                                    .memory_bytes = usual_memory_bytes()});
  sounds.log_all();
  return sounds;
}

TranscribeTrained::TranscribeTrained(const TranscribeOptions& options, TranscribeEncoder encoder, Random& random)
    : TrainedOf(options),
      encoder_(std::move(encoder)),
      model_(options.model,
             {.features = feature_width(options.features, options.data.rate), .symbols = encoder_.symbols()}, random) {}

std::unique_ptr<PrefixScorer> TranscribeTrained::scorer() const {
  const TranscribeUseOptions& use = options_.use;
  if (use.lm.empty() && use.lexicon.empty()) return nullptr;
  if (use.lm.ends_with(".recur")) {
    fail_usage("lm: expected an ARPA file or a text, got a model of recur, {}", use.lm);
  }
  std::shared_ptr<const WordModel> model;
  if (!use.lm.empty()) model = read_word_model(DataFile(use.lm), static_cast<int>(use.lm_order));
  return std::make_unique<WordScorer>(
      std::move(model), use.lexicon.empty() ? std::vector<std::string>() : read_lexicon(DataFile(use.lexicon)),
      encoder_.shared_tokens(), WordScorerOptions{.weight = use.lm_weight, .bonus = use.word_bonus});
}

Evaluation TranscribeTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const auto own = scorer();
  check_search(transcriber(own.get()));
  const SoundSet sounds = read_sounds(read_list(data, options_.data), options_);
  return measure(transcriber(own.get()), sounds, examples, /*show_worst=*/true);
}

void TranscribeTrained::predict(const DataFiles& data, Sink& out) const {
  const auto own = scorer();
  check_search(transcriber(own.get()));
  const SoundSet sounds = read_sounds(read_list(data, options_.data, /*texts=*/false), options_);
  const auto heard = transcribe(transcriber(own.get()), sounds);
  out.columns(prediction_columns(options_.use));
  for (int64_t i = 0; i < sounds.size(); ++i) {
    write_predictions(options_.use, sounds.item(i).name, heard[static_cast<size_t>(i)], out);
  }
}

Description TranscribeTrained::describe() const {
  Description facts;
  if (!reads_pictures(options_.features)) facts.push_back({"sample rate", options_.data.rate});
  facts.push_back({"features", options_.features.kind});
  facts.push_back({"feature width", feature_width(options_.features, options_.data.rate)});
  facts.push_back({"tokens", std::string(encoder_.tokens().kind())});
  facts.push_back({"vocabulary", int64_t{encoder_.tokens().size()}});
  return facts;
}

}  // namespace recur
