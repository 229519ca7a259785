#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/tasks/denoise/blind_spots.h"
#include "recur/tasks/denoise/denoise_training.h"
#include "recur/tasks/denoise/series_score.h"
#include "recur/tasks/denoise/series_sounds.h"
#include "recur/tasks/denoise/series_trained.h"
#include "recur/tasks/detect/detect_data.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"
#include "recur/tasks/series_columns.h"

namespace recur {
namespace {

constexpr int64_t kMostFilteredSteps = 200'000;  // of those that the widths of filters are chosen by

// A piece made as long as the others by what cut_out() puts behind its end, which does not count.
NoisyPiece lengthened(NoisyPiece piece, int64_t steps) {
  const PlaneShape shape = piece.wanted.shape;
  if (shape.width == steps) return piece;
  std::vector<float> weights;
  for (int64_t c = 0; c < shape.channels; ++c) {
    for (int64_t t = 0; t < steps; ++t) {
      weights.push_back(t < shape.width ? piece.weights[static_cast<size_t>(c * shape.width + t)] : 0.0f);
    }
  }
  return {.noisy = cut_out(piece.noisy, 0, 0, 1, steps),
          .wanted = cut_out(piece.wanted, 0, 0, 1, steps),
          .weights = std::move(weights)};
}

// Pieces of `patch` steps: long series give several in a pass, each at a place that is drawn.
class NoisyPieces {
 public:
  NoisyPieces(std::shared_ptr<const SequenceSet> set, SeriesScale scale, const DenoiseOptions& options)
      : set_(std::move(set)), scale_(std::move(scale)), options_(options), add_(scale_.noise_of(options.noise)) {
    for (int64_t i = 0; i < set_->size(); ++i) {
      const int64_t pieces = std::clamp<int64_t>(set_->length(sequence(i)) / options.data.patch, 1, 1 << 20);
      series_of_.insert(series_of_.end(), static_cast<size_t>(pieces), static_cast<int32_t>(i));
    }
  }

  int64_t size() const { return std::ssize(series_of_); }

  NoisyPiece load(int64_t i, Random& random) const {
    const Sequence& from = sequence(series_of_[static_cast<size_t>(i)]);
    const int64_t steps = set_->length(from), patch = options_.data.patch;
    const int64_t begin =
        steps > patch ? static_cast<int64_t>(random.below(static_cast<uint64_t>(steps - patch + 1))) : 0;
    const Planes planes = scale_.planes_of(*set_, from, begin, std::min(begin + patch, steps));
    // Hidden values are hidden before anything is mirrored or bridged, which would show them.
    if (learns_from_noisy(options_)) return lengthened(blind_piece(planes, random), patch);
    Planes noisy = planes;
    add_(noisy, random);
    return lengthened(piece_of(noisy, planes), patch);
  }

 private:
  const Sequence& sequence(int64_t i) const { return set_->sequences[static_cast<size_t>(i)]; }

  std::shared_ptr<const SequenceSet> set_;
  SeriesScale scale_;
  DenoiseOptions options_;
  NoiseMaker add_;
  std::vector<int32_t> series_of_;
};

// The steps of a piece: not more than the longest series has, and whole places of the network.
void choose_steps(const SequenceSet& set, DenoiseOptions& options) {
  const int64_t unit = options.model.network == "conv" ? options.model.shrink : 1;
  const int64_t steps = (std::min(options.data.patch, longest_of(set)) + unit - 1) / unit * unit;
  if (steps < options.data.patch) log_info("patch: {} instead of {}: no series is longer", steps, options.data.patch);
  options.data.patch = steps;
}

// Series of a set, `most` steps at most if that is not 0.
PlaneSource some_series(const std::shared_ptr<const SequenceSet>& set, const SeriesScale& scale, int64_t most) {
  const auto steps = [&](int64_t i) { return set->length(set->sequences[static_cast<size_t>(i)]); };
  return some_of(scale.source_of(set), thinned(all_of(set->size()), steps, most));
}

struct SeriesParts {
  SequenceSet train, valid;  // valid is empty where there is none
};

// Sounds are held out whole: the channels of one are alike.
SeriesParts parts_of_sounds(SequenceSet all, double fraction, uint64_t seed) {
  const HoldOut drawn = hold_out(std::vector<std::string>(all.files.size()), fraction, seed);
  std::vector<Sequence> sequences = std::exchange(all.sequences, {});
  SeriesParts parts{.train = all, .valid = all};
  for (Sequence& sequence : sequences) {
    const bool held = std::ranges::count(drawn.valid, int64_t{sequence.place.file}) > 0;
    (held ? parts.valid : parts.train).sequences.push_back(std::move(sequence));
  }
  return parts;
}

// `columns`: those of the model that the training begins from, or null.
SeriesParts read_parts(const TrainingData& data, const DenoiseOptions& options, const Columns* columns, uint64_t seed) {
  SeriesParts parts{.train = read_series(data.files, options, columns), .valid = {}};
  if (data.held_out && are_sounds(data.files) && parts.train.files.size() > 1) {
    return parts_of_sounds(std::move(parts.train), *data.held_out, seed);
  }
  if (data.held_out) {
    for (Sequence& sequence : parts.train.sequences) {  // what is held out does not depend on labels
      sequence.labels.clear();
      sequence.step_labels.clear();
    }
    DetectSets drawn = hold_out(std::move(parts.train), *data.held_out, {}, seed);
    return {std::move(drawn.train), std::move(drawn.valid)};
  }
  if (!data.valid.empty()) parts.valid = read_series(data.valid, options, &parts.train.columns);
  return parts;
}

DataChecksum checksum_of(const SequenceSet& set) {
  DataChecksum checksum;
  for_each_part(set, [&](const Sequence& part, int64_t) { checksum.add(part.values); });
  return checksum;
}

}  // namespace

std::unique_ptr<Training> train_on_series(DenoiseOptions& options, const TrainingData& data,
                                          const TrainingStart& start) {
  const auto* first = first_model<SeriesDenoiseTrained>(start);
  SeriesParts read = read_parts(data, options, first != nullptr ? &first->scale().columns() : nullptr, start.seed);
  if (first == nullptr) choose_steps(read.train, options);
  const SeriesScale scale = first != nullptr ? first->scale() : SeriesScale::fit(read.train);
  scale.check_channels(read.train);
  const auto set = std::make_shared<const SequenceSet>(std::move(read.train));
  const auto valid = std::make_shared<const SequenceSet>(std::move(read.valid));
  const bool validates = valid->size() > 0;
  if (validates) scale.check_channels(*valid);
  const PlaneSource measured = some_series(valid, scale, options.learning.valid_pixels);
  if (measured.size < valid->size()) {
    log_info("validation reads {} of {} series (valid_pixels)", measured.size, valid->size());
  }
  DenoiseOptions as_trained = options;
  as_trained.use.eval_level.clear();
  const PlaneSource filtered = some_series(validates ? valid : set, scale, kMostFilteredSteps);
  const FilterWidths widths = best_widths(pieces_of(filtered, scale, as_trained));

  const auto pieces = std::make_shared<const NoisyPieces>(set, scale, options);
  DenoiseParts parts;
  parts.train = function_dataset<NoisyPiece>(
      std::vector<int64_t>(static_cast<size_t>(pieces->size()), options.data.patch),
      [pieces](int64_t i, Random& random) { return pieces->load(i, random); }, set->in_memory());
  parts.checksum = checksum_of(*set);
  if (validates) {
    parts.validate = [given = pieces_of(measured, scale, as_trained), scale,
                      blind = learns_from_noisy(options)](const Denoiser& denoiser) {
      return blind ? measure_blind(denoiser, given, {}) : measure_series(denoiser, given, scale, {});
    };
  }
  Random random(start.seed, kInitialValues);
  auto training = std::make_unique<DenoiseTraining<SeriesDenoiseTrained>>(
      SeriesDenoiseTrained(options, scale, widths, random), std::move(parts), start);
  training->set_taken(fmt::format("{}; {} series; {} pieces of {} steps to learn from", taken_text(*set),
                                  options.data.learn_from, pieces->size(), options.data.patch));
  return training;
}

}  // namespace recur
