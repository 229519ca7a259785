#include "recur/tasks/transcribe/transcribe_trained.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/byte_limits.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/scratch_file.h"
#include "recur/tasks/task_measures.h"
#include "recur/tasks/transcribe/feature_statistics.h"
#include "recur/tasks/transcribe/neural_scorer.h"
#include "recur/tasks/transcribe/transcribe_explain.h"
#include "recur/tasks/transcribe/transcribe_stream.h"
#include "recur/tasks/transcribe/word_scorer.h"

namespace recur {

namespace {

constexpr const char* kMomentsAsset = "feature_moments";

// A model file, or the folder of a run.
bool is_model(const std::string& path) {
  std::error_code error;
  if (path.ends_with(".recur")) return true;
  return std::filesystem::is_directory(path, error) && std::filesystem::exists(model_path(path), error);
}

// Words that the model has no symbols for are never written. `option`: which names the file `name`.
void check_words(const std::vector<std::string>& words, const Tokenizer& tokens, std::string_view option,
                 const std::string& name) {
  const auto unknown = tokens.unknown();
  if (words.empty() || !unknown) return;
  const auto cannot = [&](const std::string& word) { return std::ranges::count(tokens.encode(word), *unknown) > 0; };
  const auto count = std::ranges::count_if(words, cannot);
  if (count == std::ssize(words)) fail("{}: {}: the model has not all symbols of any of its words", option, name);
  if (count == 0) return;
  log_info("{}: {} of {} words have symbols that the model has not and are never written, the first of them {}", option,
           count, words.size(), quoted_cell(*std::ranges::find_if(words, cannot)));
}

// Whether a piece of the one, without blanks, is known to the other.
bool knows_some(const Tokenizer& tokens, const Tokenizer& of) {
  for (int32_t symbol = 0; symbol < of.size(); ++symbol) {
    const std::string piece = of.piece(symbol, std::nullopt);
    const std::string_view bare = trimmed(piece);
    if (bare.empty() || symbol == of.unknown()) continue;
    if (!tokens.unknown() || std::ranges::count(tokens.encode(bare), *tokens.unknown()) == 0) return true;
  }
  return false;
}

// Letters of the one may make words of the other, or the reverse.
void check_language(const Tokenizer& language, const Tokenizer& tokens, const std::string& name) {
  if (knows_some(language, tokens) || knows_some(tokens, language)) return;
  fail("lm: {}: it shares no symbol with the model: it has learnt other texts", name);
}

}  // namespace

const TaskInfo& transcribe_info() {
  static const TaskInfo info{.name = "transcribe",
                             .summary = "Transcription: speech to text, or pictures of text lines to text",
                             .data = "sounds or pictures with their texts: lists, or folders with a .txt file for each",
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

SoundSet read_sounds(Transcripts list, const TranscribeOptions& options, const std::vector<int64_t>& speeds,
                     const FeatureMoments* global) {
  if (options.features.normalise == "speaker" && !list.has_speakers) {
    log_warning("normalise: some sounds of the list have no speaker: each of them is normalised by itself");
  }
  SoundSet sounds(std::move(list), {.features = options.features,
                                    .rate = options.data.rate,
                                    .speeds = speeds,
                                    .global = global != nullptr ? std::optional(*global) : std::nullopt,
                                    .memory_bytes = usual_memory_bytes()});
  sounds.log_all();
  return sounds;
}

TranscribeTrained::TranscribeTrained(const TranscribeOptions& options, TranscribeEncoder encoder,
                                     std::optional<FeatureMoments> global, Random& random)
    : TrainedOf(options),
      encoder_(std::move(encoder)),
      global_(std::move(global)),
      model_(options, {.features = feature_width(options.features, options.data.rate), .symbols = encoder_.symbols()},
             random) {}

std::optional<FeatureMoments> global_moments(const Assets& assets, const TranscribeOptions& options) {
  if (options.features.normalise != "global") return std::nullopt;
  const int64_t width = feature_width(options.features, options.data.rate);
  return read_asset(assets, kMomentsAsset, [&](const std::string& text) { return read_moments(text, width); });
}

Assets TranscribeTrained::assets() const {
  Assets assets = encoder_.assets();
  if (global_) assets.emplace(kMomentsAsset, moments_text(*global_));
  return assets;
}

SoundSet TranscribeTrained::sounds_of(const DataFiles& data, bool texts) const {
  return read_sounds(read_list(data, options_.data, texts), options_, {100}, global());
}

std::unique_ptr<PrefixScorer> TranscribeTrained::scorer() const {
  const TranscribeUseOptions& use = options_.use;
  if (use.lm.empty() && use.lexicon.empty()) return nullptr;
  const std::vector<std::string> words =
      use.lexicon.empty() ? std::vector<std::string>() : read_lexicon(DataFile(use.lexicon));
  check_words(words, encoder_.tokens(), "lexicon", use.lexicon);
  std::vector<std::unique_ptr<PrefixScorer>> parts;
  std::shared_ptr<const WordModel> model;
  if (is_model(use.lm)) {
    const std::shared_ptr<const LmTrained> language = read_language_model(use.lm);
    check_language(language->tokenizer(), encoder_.tokens(), use.lm);
    parts.push_back(std::make_unique<NeuralScorer>(
        language, encoder_.shared_tokens(), NeuralScorerOptions{.weight = use.lm_weight, .bonus = use.word_bonus}));
  } else if (!use.lm.empty()) {
    model = read_word_model(DataFile(use.lm), static_cast<int>(use.lm_order));
    check_words(model->words(), encoder_.tokens(), "lm", use.lm);
  }
  if (model != nullptr || !words.empty()) {
    // The bonus counts once.
    parts.push_back(std::make_unique<WordScorer>(
        std::move(model), words, encoder_.shared_tokens(),
        WordScorerOptions{.weight = use.lm_weight, .bonus = parts.empty() ? use.word_bonus : 0}));
  }
  if (parts.size() == 1) return std::move(parts.front());
  return std::make_unique<ScorerSum>(std::move(parts));
}

Evaluation TranscribeTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const auto own = scorer();
  check_search(transcriber(own.get()));
  const SoundSet sounds = sounds_of(data, /*texts=*/true);
  return measure(transcriber(own.get()), sounds, examples, /*show_worst=*/true);
}

std::vector<TaskMeasure> TranscribeTrained::measures(const KeptRows& examples) const {
  ExampleNumbers letters = numbers_of(examples, "character_errors");
  std::vector<TaskMeasure> out{ratio_of("wer", numbers_of(examples, "word_errors"), numbers_of(examples, "words")),
                               ratio_of("cer", letters, numbers_of(examples, "characters"))};
  out.push_back(mean_of("exact_match", are_zero(std::move(letters))));
  return out;
}

void TranscribeTrained::predict(const DataFiles& data, Sink& out) const {
  if (options_.use.raw_rate > 0) {
    fail_usage("rate: files say their rate themselves; it is for raw sound on the standard input (-)");
  }
  const auto own = scorer();
  check_search(transcriber(own.get()));
  const SoundSet sounds = sounds_of(data, /*texts=*/false);
  const auto heard = transcribe(transcriber(own.get()), sounds);
  out.columns(prediction_columns(options_.use));
  for (int64_t i = 0; i < sounds.size(); ++i) {
    write_predictions(options_.use, sounds.item(i).name, heard[static_cast<size_t>(i)], out);
  }
}

std::unique_ptr<Session> TranscribeTrained::session() const {
  constexpr int64_t kLeastRate = 1000;
  if (options_.use.raw_rate > 0 && options_.use.raw_rate < kLeastRate) {
    fail_usage("rate: expected at least {} samples per second, got {}", kLeastRate, options_.use.raw_rate);
  }
  auto own = scorer();
  check_search(transcriber(own.get()));
  if (const std::string why = why_not_streamed(*this, transcriber(own.get())); !why.empty()) {
    if (options_.use.raw_rate > 0) fail_usage("rate: this model cannot transcribe sound as it arrives: {}", why);
    if (reads_pictures(options_.features)) fail_usage("standard input: this model reads pictures: name their files");
    log_info("the sound is transcribed when it has ended: {}", why);
    return nullptr;
  }
  return std::make_unique<TranscribeSession>(*this, std::move(own));
}

std::unique_ptr<ExplainableData> TranscribeTrained::explainable(const DataFiles& data) const {
  return std::make_unique<TranscribeRecords>(*this, sounds_of(data, /*texts=*/false));
}

Description TranscribeTrained::describe() const {
  Description facts;
  if (!reads_pictures(options_.features)) facts.push_back({"sample rate", options_.data.rate});
  facts.push_back({"features", options_.features.kind});
  facts.push_back({"feature width", feature_width(options_.features, options_.data.rate)});
  facts.push_back({"tokens", std::string(encoder_.tokens().kind())});
  facts.push_back({"vocabulary", int64_t{encoder_.tokens().size()}});
  facts.push_back({"output", options_.model.output});
  const std::string why = why_not_streamed(*this, transcriber());
  facts.push_back({"as it arrives", why.empty()
                                        ? fmt::format("yes, with a look-ahead of {:.3f} s", latency_seconds(*this))
                                        : "no: " + why});
  return facts;
}

}  // namespace recur
