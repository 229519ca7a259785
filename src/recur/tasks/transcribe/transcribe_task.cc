#include "recur/tasks/transcribe/transcribe_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/audio/frequency_warp.h"
#include "recur/data/audio/spectrum_masks.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/images/line_image.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/transcribe/transcribe_training.h"
#include "recur/tasks/unknown_symbols.h"

namespace recur {
namespace {

struct SpokenParts {
  Transcripts train, valid;
  std::string taken;
};

// The items of `which` alone.
Transcripts part_of(const Transcripts& all, const std::vector<int64_t>& which) {
  Transcripts out{.items = {}, .files = all.files, .notes = {}, .warnings = {}, .has_speakers = all.has_speakers};
  for (const int64_t i : which) out.items.push_back(all.items[static_cast<size_t>(i)]);
  return out;
}

// Whole speakers where they are known and several, else sounds.
HoldOut drawn_parts(const Transcripts& all, double fraction, uint64_t seed) {
  std::vector<std::string> speakers;
  for (const Transcript& item : all.items) {
    if (all.has_speakers && std::ranges::find(speakers, item.speaker) == speakers.end())
      speakers.push_back(item.speaker);
  }
  if (speakers.size() < 3) return hold_out(std::vector<std::string>(all.items.size()), fraction, seed);
  const HoldOut drawn = hold_out(std::vector<std::string>(speakers.size()), fraction, seed);
  std::set<std::string> held;
  for (const int64_t s : drawn.valid) held.insert(speakers[static_cast<size_t>(s)]);
  log_info("valid: {} of {} speakers are held out whole", held.size(), speakers.size());
  HoldOut parts;
  for (int64_t i = 0; i < std::ssize(all.items); ++i) {
    (held.contains(all.items[static_cast<size_t>(i)].speaker) ? parts.valid : parts.train).push_back(i);
  }
  return parts;
}

SpokenParts read_spoken(const TrainingData& data, const TranscribeDataOptions& options, uint64_t seed) {
  SpokenParts parts;
  Transcripts all = read_list(data.files, options);
  parts.taken = fmt::format("{}: {} sounds", files_text(all.files), all.items.size());
  if (data.held_out) {
    const HoldOut drawn = drawn_parts(all, *data.held_out, seed);
    parts.train = part_of(all, drawn.train);
    parts.train.warnings = all.warnings;
    parts.valid = part_of(all, drawn.valid);
    return parts;
  }
  parts.train = std::move(all);
  if (!data.valid.empty()) parts.valid = read_list(data.valid, options);
  return parts;
}

// The training part: which sounds are used, at which speeds, and what they say.
class SpokenSet {
 public:
  SpokenSet(SoundSet sounds, const TranscribeEncoder& encoder, const TranscribeOptions& options)
      : sounds_(std::move(sounds)), options_(options) {
    if (options.augment.frequency_warp > 0) warp_.emplace(band_options(options.features, options.data.rate));
    std::vector<std::string> unfit, long_ones;
    for (int64_t i = 0; i < sounds_.size(); ++i) {
      if (sounds_.seconds(i) > options.data.most_seconds) {
        long_ones.push_back(sounds_.item(i).name);
        continue;
      }
      std::vector<int32_t> symbols = encoder.encode(sounds_.item(i).text);
      const int64_t least = least_steps(options.model, symbols);
      std::vector<size_t> fitting;
      int64_t longest = 0;
      for (size_t k = 0; k < sounds_.speeds().size(); ++k) {
        if (subsampled(sounds_.steps(i, k), options.model) < least) continue;
        fitting.push_back(k);
        longest = std::max(longest, sounds_.steps(i, k));
      }
      if (fitting.empty() || symbols.empty()) {
        unfit.push_back(sounds_.item(i).name);
        continue;
      }
      used_.push_back({i, std::move(fitting), std::move(symbols)});
      lengths_.push_back(longest);
    }
    warn(long_ones,
         fmt::format("are longer than {} s and are left out; the limit is most_seconds", options.data.most_seconds));
    warn(unfit,
         "have fewer steps than their texts need and are left out; a smaller subsample, pyramid or hop_ms gives them "
         "more");
    if (used_.empty()) fail("no sound is left to learn from");
  }

  const std::vector<int64_t>& lengths() const { return lengths_; }
  bool in_memory() const { return sounds_.in_memory(); }
  const FeatureMoments* global() const { return sounds_.global(); }
  std::string amount() const {
    double seconds = 0;
    for (const Used& used : used_) seconds += sounds_.seconds(used.sound);
    return fmt::format("{} sounds of {:.1f} minutes", used_.size(), seconds / 60);
  }

  EncodedSound load(int64_t i, Random& random) const {
    const Used& used = used_[static_cast<size_t>(i)];
    const size_t speed = used.speeds[random.below(used.speeds.size())];
    EncodedSound out{*sounds_.frames(used.sound, speed), used.symbols};
    const TranscribeAugmentOptions& augment = options_.augment;
    if (warp_) (*warp_)(out.rows, 1 + augment.frequency_warp * (2 * random.uniform64() - 1));
    hide_parts(out.rows,
               {.feature_masks = augment.feature_masks,
                .feature_share = augment.feature_share,
                .time_masks = augment.time_masks,
                .time_share = augment.time_share},
               random);
    return out;
  }

  // Of texts and of what is read of the sounds.
  DataChecksum checksum() const {
    DataChecksum checksum;
    for (const Used& used : used_) {
      checksum.add(used.symbols);
      const double sum = sounds_.fingerprint(used.sound);
      checksum.add(std::span(&sum, 1));
    }
    return checksum;
  }

 private:
  struct Used {
    int64_t sound;
    std::vector<size_t> speeds;
    std::vector<int32_t> symbols;
  };

  void warn(const std::vector<std::string>& names, std::string_view what) const {
    if (!names.empty()) log_warning("{} of {} sounds {}: {}", names.size(), sounds_.size(), what, listed(names, 5));
  }

  SoundSet sounds_;
  TranscribeOptions options_;
  std::optional<FrequencyWarp> warp_;
  std::vector<Used> used_;
  std::vector<int64_t> lengths_;
};

std::vector<std::string> texts_of(const Transcripts& list) {
  std::vector<std::string> texts;
  for (const Transcript& item : list.items) texts.push_back(item.text);
  return texts;
}

// What "auto" stands for.
void choose_features(const Transcripts& list, TranscribeOptions& options) {
  if (options.features.kind == "auto") {
    options.features.kind = is_image_name(list.items.front().file.name()) ? "pixels" : "log_mel";
  }
  if (options.features.normalise == "auto") {
    const bool causal = !options.model.rnn.bidirectional;
    options.features.normalise = reads_pictures(options.features) ? "none" : causal ? "global" : "utterance";
    if (options.features.normalise == "global") {
      log_info(
          "features are normalised by the statistics of all training sounds, so that sounds can be transcribed as they "
          "arrive; set normalise to change this");
    }
    const auto has_speaker = [](const Transcript& item) { return !item.speaker.empty(); };
    if (options.features.normalise == "utterance" && std::ranges::all_of(list.items, has_speaker)) {
      log_info(
          "features are normalised over each sound; --normalise speaker is better where the sounds to be transcribed "
          "name their speakers, as these do");
    }
  }
  if (options.data.rate == 0 && !reads_pictures(options.features)) {
    options.data.rate = common_rate(list);
    log_info("sounds are read at {} samples per second; set sample_rate to change this", options.data.rate);
  }
}

}  // namespace

const TaskInfo& TranscribeTask::info() const { return transcribe_info(); }

std::unique_ptr<Training> TranscribeTask::train(const TrainingData& data, const TrainingStart& start) {
  SpokenParts read = read_spoken(data, options.data, start.seed);
  if (options.augment.speeds.empty()) fail_usage("speeds: expected at least one");
  choose_features(read.train, options);
  if (options.augment.frequency_warp > 0 && options.features.kind != "log_mel") {
    fail_usage("frequency_warp: expected features log_mel, got {}", options.features.kind);
  }
  const auto* first = first_model<TranscribeTrained>(start);
  TranscribeEncoder encoder =
      first != nullptr ? first->encoder() : TranscribeEncoder::fit(texts_of(read.train), options.data.tokens);
  if (first != nullptr) warn_of_unknown(encoder.tokens(), texts_of(read.train), "the texts to train on");
  const FeatureMoments* known = first != nullptr ? first->global() : nullptr;
  auto spoken = std::make_shared<const SpokenSet>(
      read_sounds(std::move(read.train), options, options.augment.speeds, known), encoder, options);
  TranscribeParts parts{.train = function_dataset<EncodedSound>(
                            spoken->lengths(), [spoken](int64_t i, Random& random) { return spoken->load(i, random); },
                            spoken->in_memory()),
                        .checksum = spoken->checksum(),
                        .valid = nullptr};
  if (!read.valid.items.empty()) {
    parts.valid = std::make_shared<SoundSet>(read_sounds(std::move(read.valid), options, {100}, spoken->global()));
  }
  std::optional<FeatureMoments> global;
  if (spoken->global() != nullptr) global = *spoken->global();
  Random random(start.seed, kInitialValues);
  TranscribeTrained trained(options, std::move(encoder), std::move(global), random);
  const double steps = options.data.batch_seconds * 1000 / options.features.hop;
  ShuffledBatches<EncodedSound> batches(
      parts.train, {.batch = options.data.batch, .most_steps = std::max<int64_t>(static_cast<int64_t>(steps), 1)},
      start);
  auto training = std::make_unique<TranscribeTraining>(std::move(trained), std::move(parts), std::move(batches));
  training->set_taken(fmt::format("{}; {} to learn from", read.taken, spoken->amount()));
  return training;
}

std::unique_ptr<Trained> TranscribeTask::restore(const Assets& assets, int64_t elements) const {
  TranscribeOptions own = options;
  // Which files are read is for whoever uses a model to say, not for its file.
  own.use.lm.clear();
  own.use.lexicon.clear();
  TranscribeEncoder encoder(assets);
  if (own.features.kind == "auto" || (own.data.rate < 1 && !reads_pictures(own.features))) {
    fail("features, sample_rate: expected those of a model, got {} and {}", own.features.kind, own.data.rate);
  }
  if (own.features.normalise == "auto") fail("normalise: expected that of a model, got auto");
  check_size(own.model, {feature_width(own.features, own.data.rate), encoder.symbols()}, elements);
  Random random(0);
  return std::make_unique<TranscribeTrained>(own, std::move(encoder), global_moments(assets, own), random);
}

}  // namespace recur
