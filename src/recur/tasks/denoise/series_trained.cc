#include "recur/tasks/denoise/series_trained.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/tasks/denoise/denoise_trained.h"
#include "recur/tasks/denoise/noise.h"
#include "recur/tasks/denoise/pairs.h"
#include "recur/tasks/denoise/series_score.h"
#include "recur/tasks/denoise/series_sounds.h"
#include "recur/tasks/denoise/series_writer.h"
#include "recur/tasks/task_measures.h"

namespace recur {
namespace {

constexpr int64_t kTile = 4096;  // steps

// [T, C] in the unit of the data, NaN where `noisy` misses a value.
std::vector<float> values_of(const Planes& cleaned, const Planes& noisy, const SeriesScale& scale) {
  const int64_t steps = cleaned.shape.width, width = scale.channels();
  std::vector<float> out;
  out.reserve(cleaned.values.size());
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t c = 0; c < width; ++c) {
      const auto at = static_cast<size_t>(c * steps + t);
      const bool missing = std::isnan(noisy.values[at]);
      out.push_back(missing ? std::numeric_limits<float>::quiet_NaN() : scale.value(cleaned.values[at], c));
    }
  }
  return out;
}

// Folders for what these data are not would stay empty.
void check_output(const DenoiseUseOptions& use, bool sounds) {
  if (!use.images.empty()) fail_usage("images: the model cleans series; set arrays or sounds, or out for a table");
  if (sounds && !use.arrays.empty()) fail_usage("arrays: expected .npy or IDX files, got sounds");
  if (!sounds && !use.sounds.empty()) fail_usage("sounds: expected sound files, got series of another kind");
}

}  // namespace

FilterWidths widths_from(const Assets& assets) { return read_asset(assets, "filters", &FilterWidths::from_text); }

PieceSource pieces_of(const PlaneSource& given, const SeriesScale& scale, const DenoiseOptions& options) {
  const auto seed = static_cast<uint64_t>(options.use.noise_seed);
  if (learns_from_noisy(options) && options.use.eval_level.empty()) return with_blind_spots(given, seed);
  DenoiseNoiseOptions noise = options.noise;
  if (!options.use.eval_level.empty()) noise.level = options.use.eval_level;
  check_noise(noise);
  return paired(with_noise(given, scale.noise_of(noise), seed), given);
}

SeriesDenoiseTrained::SeriesDenoiseTrained(const DenoiseOptions& options, SeriesScale scale, const FilterWidths& widths,
                                           Random& random)
    : TrainedOf(options),
      scale_(std::move(scale)),
      widths_(widths),
      model_(options.model, {.channels = scale_.channels(), .patch = options.data.patch}, random) {}

const TaskInfo& SeriesDenoiseTrained::info() const {
  static const TaskInfo info = [] {
    TaskInfo of_series = denoise_info();
    of_series.unit = "series";
    return of_series;
  }();
  return info;
}

Denoiser SeriesDenoiseTrained::denoiser() const {
  return {.network = model_,
          .tile = options_.use.tile > 0 ? options_.use.tile : kTile,
          .overlap = options_.use.overlap,
          .batch = options_.use.batch,
          .bounded = false};
}

std::shared_ptr<const SequenceSet> SeriesDenoiseTrained::read(const DataFiles& data) const {
  auto set = std::make_shared<const SequenceSet>(read_series(data, options_, &scale_.columns()));
  scale_.check_channels(*set);
  return set;
}

Evaluation SeriesDenoiseTrained::evaluate(const DataFiles& data, Sink* examples) const {
  check_evaluates(options_.use);
  const auto set = read(data);
  const std::vector<SimpleFilter> filters = series_filters(widths_);
  if (!options_.use.clean.empty()) {
    const DataFiles clean{DataFile(options_.use.clean)};
    const auto right = read(clean);
    if (are_sounds(data)) {
      if (are_two_folders(data, clean[0]))
        check_same_files("sound", sound_places(*set, data), sound_places(*right, clean));
      check_same_channels(*set, *right);
    }
    if (right->size() != set->size()) {
      fail("clean: expected as many series as there are noisy ones, {}, got {}", set->size(), right->size());
    }
    const PieceSource pieces = paired(scale_.source_of(set), scale_.source_of(right));
    return measure_series(denoiser(), pieces, scale_, filters, examples);
  }
  const PieceSource pieces = pieces_of(scale_.source_of(set), scale_, options_);
  const bool blind = learns_from_noisy(options_) && options_.use.eval_level.empty();
  return blind ? measure_blind(denoiser(), pieces, filters, examples)
               : measure_series(denoiser(), pieces, scale_, filters, examples);
}

std::vector<TaskMeasure> SeriesDenoiseTrained::measures(const KeptRows& examples) const {
  if (!examples.find("snr")) return {};
  return {mean_of("snr", numbers_of(examples, "snr")), mean_of("rmse", numbers_of(examples, "rmse"))};
}

void SeriesDenoiseTrained::predict(const DataFiles& data, Sink& out) const {
  check_predicts(options_.use);
  const bool sounds = are_sounds(data);
  check_output(options_.use, sounds);
  const auto set = read(data);
  const PlaneSource given = scale_.source_of(set);
  PlaneSource whole = given;
  whole.load = [&](int64_t i) { return bridged(given.load(i)); };
  const auto clean_to = [&](auto writer) {
    clean(denoiser(), whole, [&](int64_t i, const Planes&, const Planes& cleaned) {
      writer.write(values_of(cleaned, given.load(i), scale_));
    });
  };
  if (sounds) return clean_to(SoundWriter(*set, data, options_.use.sounds, out));
  clean_to(SeriesWriter(*set, data, options_.use.arrays, out));
}

Description SeriesDenoiseTrained::describe() const {
  Description facts{{"channels", scale_.channels()}, {"network", options_.model.network}};
  facts.push_back({"learnt from", options_.data.learn_from + " series"});
  if (!learns_from_noisy(options_)) {
    const std::vector<int64_t> levels = levels_of(options_.noise);
    facts.push_back({"noise", options_.noise.kind});
    facts.push_back({"least level", levels.front()});
    facts.push_back({"greatest level", levels.back()});
  }
  facts.push_back({"width of the moving median", widths_.median});
  facts.push_back({"width of the moving average", widths_.average});
  return facts;
}

Assets SeriesDenoiseTrained::assets() const {
  Assets assets = scale_.assets();
  assets["filters"] = widths_.to_text();
  return assets;
}

}  // namespace recur
