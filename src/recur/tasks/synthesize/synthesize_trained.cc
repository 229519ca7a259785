#include "recur/tasks/synthesize/synthesize_trained.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <optional>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/finite.h"
#include "recur/base/json.h"
#include "recur/base/log.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/tasks/output_places.h"
#include "recur/tasks/predict_alone.h"
#include "recur/tasks/svg_name.h"
#include "recur/tasks/synthesize/alignment.h"
#include "recur/tasks/synthesize/named_texts.h"
#include "recur/tasks/synthesize/synthesize_score.h"
#include "recur/tasks/task_measures.h"

namespace recur {
namespace {

constexpr const char *kScalesAsset = "band_scales", *kLengthsAsset = "speech_lengths";

SpeechLengths read_lengths(std::string_view text) {
  const auto json = parse_json(text, 2);
  if (!json) fail("expected a JSON object");
  try {
    const SpeechLengths out{.frames_per_symbol = json->at("frames_per_symbol").get<double>(),
                            .symbols = json->at("symbols").get<int64_t>()};
    constexpr double kMost = 1e5;
    if (!(out.frames_per_symbol > 0 && out.frames_per_symbol <= kMost)) {
      fail("frames_per_symbol: expected a number above 0, up to {}, got {}", kMost, out.frames_per_symbol);
    }
    if (out.symbols < 1 || out.symbols > 1 << 20) fail("symbols: expected 1 .. {}, got {}", 1 << 20, out.symbols);
    return out;
  } catch (const JsonError& error) {
    fail("{}", error.what());
  }
}

std::vector<NamedText> read_texts(const DataFiles& data, const SynthesizeDataOptions& options) {
  DataFiles plain, lists;
  for (const DataFile& file : data) (is_plain_text(file) ? plain : lists).push_back(file);
  std::vector<NamedText> out = text_lines(plain);
  if (!lists.empty()) {
    const Transcripts list = read_speech_list(lists, options);
    for (const Transcript& item : list.items) out.push_back({item.name, item.text, item.file.name()});
  }
  if (out.empty()) fail("no text to speak");
  return out;
}

// "greeting.wav" for a sound of that name, "3.wav" for a line.
std::string wave_name(const std::string& name) {
  std::filesystem::path own = std::filesystem::path(name).filename();
  own.replace_extension(".wav");
  return own.string();
}

// The sounds that are written: of the texts with these numbers.
OutputPlaces places_of(const std::vector<NamedText>& texts, const std::vector<size_t>& which,
                       const std::string& folder) {
  OutputPlaces places("sounds", folder);
  for (const NamedText& text : texts) places.protect(text.source);
  for (const size_t i : which) places.add(wave_name(texts[i].name), texts[i].source);
  places.check_sources();
  return places;
}

std::string joined(const std::vector<int64_t>& numbers) { return Json(numbers).dump(); }

constexpr const char* kSomethingToSay = "a letter, digit or phoneme that the model knows";

}  // namespace

const TaskInfo& synthesize_info() {
  static const TaskInfo info{.name = "synthesize",
                             .summary = "Speech from texts, or handwriting from strokes of a pen",
                             .data =
                                 "sounds of one voice with their texts: lists, or folders with a .txt beside each; "
                                 "or strokes with their texts: JSON lines",
                             .unit = "sounds"};
  return info;
}

Transcripts read_speech_list(const DataFiles& data, const SynthesizeDataOptions& options) {
  return read_transcripts(data, {.file = options.audio, .text = options.text, .header = options.header});
}

Assets assets_of(const SpeechKnowledge& knowledge) {
  Assets out = knowledge.text.assets();
  if (knowledge.pronouncer != nullptr) out.merge(knowledge.pronouncer->assets());
  out.emplace(kScalesAsset, scales_text(knowledge.scales));
  const SpeechLengths& lengths = knowledge.lengths;
  out.emplace(kLengthsAsset,
              Json{{"frames_per_symbol", lengths.frames_per_symbol}, {"symbols", lengths.symbols}}.dump());
  return out;
}

SpeechKnowledge read_knowledge(const Assets& assets, const SynthesizeOptions& options, int64_t elements) {
  const int64_t bands = band_count(options.frames, options.data.rate);
  const bool lower = options.data.lower_case;
  std::shared_ptr<const Pronouncer> pronouncer = Pronouncer::restore(assets, elements);
  SpeechText::Reader reader =
      SpeechText::has_phonemes(assets) ? phoneme_reader(pronouncer, lower) : character_reader(lower);
  return {.pronouncer = std::move(pronouncer),
          .text = SpeechText(assets, std::move(reader)),
          .scales = read_asset(assets, kScalesAsset, [&](const std::string& text) { return read_scales(text, bands); }),
          .lengths = read_asset(assets, kLengthsAsset, read_lengths)};
}

SynthesizeNetwork::SynthesizeNetwork(const SynthesizeOptions& options, const SpeechSizes& sizes, int64_t hop,
                                     const Pronouncer* pronouncer, Random& random)
    : speech_(options, sizes, random) {
  register_module("speech", speech_);
  if (pronouncer != nullptr) register_module("pronounce", *pronouncer);
  if (options.vocoder.kind == "none") return;
  vocoder_.emplace(options.vocoder, VocoderSizes{.bands = sizes.bands, .hop = hop}, random);
  register_module("vocoder", *vocoder_);
}

SynthesizeTrained::SynthesizeTrained(const SynthesizeOptions& options, SpeechKnowledge knowledge, Random& random)
    : TrainedOf(options),
      own_vocoded_(options.use.vocoded),
      knowledge_(std::move(knowledge)),
      spectrum_(std::make_shared<const MelSpectrum>(mel_spectrum(options.frames, options.data.rate))),
      network_(options, {.symbols = knowledge_.text.symbols(), .bands = spectrum_->bands()}, spectrum_->hop(),
               knowledge_.pronouncer.get(), random) {}

double SynthesizeTrained::step_seconds() const {
  return static_cast<double>(spectrum_->hop() * options_.model.reduction) / static_cast<double>(options_.data.rate);
}

VoiceOptions SynthesizeTrained::voice_options(double temperature) const {
  const SpeakOptions& speak = options_.use.speak;
  if (speak.waveform == "vocoder" && network_.vocoder() == nullptr) {
    fail_usage("waveform: this model has no vocoder; griffin_lim needs none");
  }
  return {.vocoder = speak.waveform != "griffin_lim",
          .griffin_lim_steps = speak.griffin_lim_steps,
          .temperature = temperature};
}

std::vector<Speech> SynthesizeTrained::speak(std::vector<SpeechSymbols> texts) const {
  std::vector<int64_t> lengths;
  for (const SpeechSymbols& each : texts) lengths.push_back(std::ssize(each));
  std::vector<Speech> out(texts.size());
  // After the last character a second's fifth may pass.
  const auto linger = static_cast<int64_t>(
      std::ceil(0.2 * static_cast<double>(options_.data.rate) / static_cast<double>(spectrum_->hop())));
  const SpeakLimits limits{.frames_per_symbol = knowledge_.lengths.frames_per_symbol, .linger = linger};
  if (texts.empty()) return out;
  for (const auto& which : batches_by_length(lengths, {.batch = options_.use.batch})) {
    check_stop();
    std::vector<const SpeechSymbols*> batch;
    for (const int32_t i : which) batch.push_back(&texts[static_cast<size_t>(i)]);
    std::vector<SpokenFrames> spoken = network_.speech().speak(batch, limits);
    for (size_t b = 0; b < which.size(); ++b) {
      check_finite(spoken[b].frames.values, [&] { return fmt::format("text {}", which[b] + 1); });
      out[static_cast<size_t>(which[b])].spoken = std::move(spoken[b]);
    }
  }
  for (size_t i = 0; i < texts.size(); ++i) out[i].symbols = std::move(texts[i]);
  return out;
}

Evaluation SynthesizeTrained::evaluate(const DataFiles& data, Sink* examples) const {
  check_left_to_predict("alignments", options_.use.alignments);
  const SpeechSet set(read_speech_list(data, options_.data), options_.frames,
                      {.rate = options_.data.rate, .trim_db = options_.data.trim_db, .memory_bytes = 0});
  set.log_all();
  return measure(*this, set, examples);
}

std::vector<TaskMeasure> SynthesizeTrained::measures(const KeptRows& examples) const {
  ExampleNumbers frames = numbers_of(examples, "frames");
  ExampleNumbers sums = product(numbers_of(examples, "mel_distance"), frames);
  return {ratio_of("mel_distance", std::move(sums), std::move(frames))};
}

void SynthesizeTrained::predict(const DataFiles& data, Sink& out) const {
  const SynthesizeUseOptions& use = options_.use;
  check_svg_name("chart", use.speak.chart);
  if (use.vocoded != own_vocoded_) fail_usage("vocoded: predict measures nothing; set it of evaluate");
  const std::vector<NamedText> texts = read_texts(data, options_.data);
  const VoiceOptions how = voice_options(use.temperature);
  SpeechGaps gaps;
  std::vector<std::string> all_texts;
  for (const NamedText& each : texts) all_texts.push_back(each.text);
  knowledge_.text.prepare(all_texts);
  std::vector<SpeechSymbols> symbols;
  std::vector<size_t> which;
  for (size_t i = 0; i < texts.size(); ++i) {
    gaps.place = texts[i].source;
    SpeechSymbols own = knowledge_.text.encode(texts[i].text, gaps);
    if (own.empty()) {
      log_warning("{}: no letter, digit or phoneme that the model knows: left out", texts[i].source);
      continue;
    }
    symbols.push_back(std::move(own));
    which.push_back(i);
  }
  if (symbols.empty()) fail("none of {} texts has {}", texts.size(), kSomethingToSay);
  gaps.warn();
  const bool writes = !use.sounds.empty();
  std::optional<OutputPlaces> places;
  if (writes) places.emplace(places_of(texts, which, use.sounds));
  if (!writes) log_info("the sounds are not written: sounds names a folder for them");
  const std::vector<Speech> all = speak(std::move(symbols));
  std::vector<std::string> columns{"id", "text", "file", "seconds", "ended", "diagonal", "focus"};
  if (use.alignments) columns.emplace_back("alignment");
  out.columns(columns);
  std::vector<AlignmentPanel> panels;
  for (size_t k = 0; k < all.size(); ++k) {
    const NamedText& text = texts[which[k]];
    const SpokenFrames& spoken = all[k].spoken;
    const FrameRows frames = at_pace(spoken.frames, use.speak.speed);
    std::string file;
    if (writes) {
      file = (*places)[k].string();
      out.sound({.name = file,
                 .rate = static_cast<double>(options_.data.rate),
                 .channels = 1,
                 .samples = voice().sound(frames, how, Random(use.seed, k))});
    }
    const double seconds =
        static_cast<double>(frames.steps() * spectrum_->hop()) / static_cast<double>(options_.data.rate);
    std::vector<TableCell> row{
        text.name, text.text, file, seconds, spoken.ended, int64_t{is_diagonal(spoken.weights)}, focus(spoken.weights)};
    if (use.alignments) row.emplace_back(joined(looked_at(spoken.weights)));
    out.row(row);
    if (std::ssize(panels) < use.charts) {
      panels.push_back({text.name, knowledge_.text.names(all[k].symbols), spoken.weights});
    }
  }
  if (!use.speak.chart.empty()) {
    out.picture({.name = use.speak.chart, .bytes = alignment_chart_svg(panels, step_seconds())});
  }
}

void SynthesizeTrained::generate(const GenerateOptions& options, Sink& out) const {
  check_svg_name("chart", options_.use.speak.chart);
  if (options.length != GenerateOptions{}.length) fail_usage("length: how long a text takes follows from the text");
  if (options.sampling.top_k != 0 || options.sampling.top_p != 1) {
    fail_usage("top_k, top_p: a speaker knows temperature alone");
  }
  const VoiceOptions how = voice_options(options.sampling.temperature);
  SpeechGaps gaps;
  const std::vector<SpeechSymbols> parts = knowledge_.text.sentences(options.prompt, knowledge_.lengths.symbols, gaps);
  if (parts.empty()) fail("prompt: expected a text with {}, got none", kSomethingToSay);
  gaps.warn();
  constexpr double kPause = 0.15;  // seconds between sentences
  const auto rate = static_cast<double>(options_.data.rate);
  const std::vector<float> pause(static_cast<size_t>(kPause * rate / options_.use.speak.speed), 0.0f);
  constexpr size_t kMany = 8;
  constexpr std::chrono::seconds kSaidEvery{10};
  if (parts.size() > kMany) {
    log_info(
        "the text is spoken in {} parts: sentences, cut at the length of the longest text of the training data, {}",
        parts.size(), counted(knowledge_.lengths.symbols, "symbol", "symbols"));
  }
  auto said = std::chrono::steady_clock::now();
  std::vector<AlignmentPanel> panels;
  for (size_t k = 0; k < parts.size(); ++k) {
    if (const auto now = std::chrono::steady_clock::now(); now - said >= kSaidEvery) {
      said = now;
      log_info("part {} of {}", k + 1, parts.size());
    }
    const Speech speech = std::move(speak({parts[k]}).front());
    if (speech.spoken.ended == "bound") log_warning("sentence {}: it did not end by itself", k + 1);
    const auto give = [&](std::span<const float> samples) {
      out.sound({.name = "", .rate = rate, .channels = 1, .samples = {samples.begin(), samples.end()}});
      return true;
    };
    if (k > 0) give(pause);
    voice().speak(at_pace(speech.spoken.frames, options_.use.speak.speed), how, Random(options.seed, k), give);
    panels.push_back({fmt::format("sentence {}", k + 1), knowledge_.text.names(speech.symbols), speech.spoken.weights});
  }
  if (!options_.use.speak.chart.empty()) {
    out.picture({.name = options_.use.speak.chart, .bytes = alignment_chart_svg(panels, step_seconds())});
  }
}

Description SynthesizeTrained::describe() const {
  Description facts{{"sample rate", options_.data.rate},
                    {"mel bands", spectrum_->bands()},
                    {knowledge_.text.has_phonemes() ? "phonemes" : "characters", knowledge_.text.known()},
                    {knowledge_.text.has_phonemes() ? "frames per phoneme" : "frames per character",
                     knowledge_.lengths.frames_per_symbol},
                    {"vocoder", options_.vocoder.kind}};
  if (knowledge_.pronouncer != nullptr) {
    facts.push_back({"pronouncing network", fmt::format("{} parameters", knowledge_.pronouncer->network_parameters())});
  }
  return facts;
}

}  // namespace recur
