#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/plain_text.h"
#include "recur/tasks/denoise/blind_spots.h"
#include "recur/tasks/denoise/denoise_score.h"
#include "recur/tasks/denoise/denoise_trained.h"
#include "recur/tasks/denoise/denoise_training.h"
#include "recur/tasks/denoise/noise.h"
#include "recur/tasks/hold_out.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

// The squares of some pictures: large pictures give several in a pass, each at a place that is drawn.
class NoisySquares {
 public:
  NoisySquares(std::shared_ptr<const ImageSet> set, const std::vector<int64_t>& which, const DenoiseOptions& options)
      : set_(std::move(set)), options_(options), reading_(reading_of(options.data)) {
    const int64_t area = options.data.patch * options.data.patch;
    for (const int64_t i : which) {
      const ImageItem& item = set_->item(i);
      const int64_t squares = std::clamp<int64_t>(item.height * item.width / area, 1, 1 << 20);
      picture_of_.insert(picture_of_.end(), static_cast<size_t>(squares), static_cast<int32_t>(i));
    }
  }

  int64_t size() const { return std::ssize(picture_of_); }

  NoisyPiece load(int64_t i, Random& random) const {
    const int64_t side = options_.data.patch;
    const Planes planes = planes_of(set_->load(picture_of_[static_cast<size_t>(i)]), reading_);
    const auto begin = [&](int64_t n) {
      return n > side ? static_cast<int64_t>(random.below(static_cast<uint64_t>(n - side + 1))) : 0;
    };
    const int64_t top = begin(planes.shape.height), left = begin(planes.shape.width);
    Planes square = cut_out(planes, top, left, side, side);
    if (options_.data.augment) {
      const auto turns = static_cast<int>(random.below(4));
      square = turned(square, turns, random.below(2) == 1);
    }
    if (learns_from_noisy(options_)) return blind_piece(square, random);
    NoisyPiece out{.noisy = square, .wanted = std::move(square)};
    add_noise(out.noisy.values, options_.noise, random);
    return out;
  }

 private:
  std::shared_ptr<const ImageSet> set_;
  DenoiseOptions options_;
  PlaneReading reading_;
  std::vector<int32_t> picture_of_;
};

bool has_colours(const ImageSet& set, const std::vector<int64_t>& which) {
  return std::ranges::any_of(which, [&](int64_t i) { return set.item(i).channels == 3 && !is_grey(set.load(i)); });
}

// The range of arrays of real numbers, where the options leave it open.
void choose_range(const ImageSet& set, const std::vector<int64_t>& which, DenoiseDataOptions& options) {
  if (options.low > options.high) {
    fail_usage("low, high: expected a range, got {} .. {}", options.low, options.high);
  }
  if (options.low < options.high) return;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const int64_t i : which) {
    if (set.item(i).bits != 0) continue;
    const auto [least, greatest] = std::ranges::minmax(set.load(i).values);
    low = std::min(low, static_cast<double>(least));
    high = std::max(high, static_cast<double>(greatest));
  }
  if (low > high) return;  // pictures of integers
  if (low == high) fail("all values of the pictures are {}", low);
  options.low = low;
  options.high = high;
  log_info("values {:g} .. {:g} are taken for black .. white; set low and high to change this", low, high);
}

// The side of squares: not more than the pictures have, and whole places of the network.
void choose_patch(const ImageSet& set, const std::vector<int64_t>& which, DenoiseOptions& options) {
  int64_t least = options.data.patch;
  for (const int64_t i : which) least = std::min({least, set.item(i).height, set.item(i).width});
  const int64_t unit = options.model.network == "conv"      ? options.model.shrink
                       : options.model.network == "patches" ? options.model.block_side
                                                            : 1;
  if (options.model.network == "patches" && unit > least) {
    fail_usage("block_side: expected at most the side of the smallest picture and of patch, {} pixels, got {}", least,
               unit);
  }
  // A mirrored edge would show hidden pixels once more.
  if (learns_from_noisy(options) && least < std::max<int64_t>(unit, 2)) {
    fail_usage("learn_from: expected noisy pictures of at least {} pixels on each side, got {}",
               std::max<int64_t>(unit, 2), least);
  }
  const int64_t side = std::max(least / unit * unit, unit);
  if (side != options.data.patch) {
    log_info(
        "patch: {} instead of {}: the smallest picture is {} pixels wide or high, and the patch must be a multiple of "
        "{}",
        side, options.data.patch, least, unit);
  }
  options.data.patch = side;
}

DataChecksum checksum_of(const ImageSet& set, const std::vector<int64_t>& which) {
  DataChecksum checksum;
  for (const int64_t i : which) checksum.add(set.load(i).values);
  return checksum;
}

std::vector<std::string> labels_of(const ImageSet& set) {
  std::vector<std::string> labels;
  for (int64_t i = 0; i < set.size(); ++i) labels.push_back(set.item(i).label);
  return labels;
}

// Measures a model on pictures of a set, of which it says how many it leaves out.
std::function<Evaluation(const Denoiser&)> validation_of(const std::shared_ptr<const ImageSet>& set,
                                                         const std::vector<int64_t>& which,
                                                         const DenoiseOptions& options) {
  const auto pixels = [&](int64_t i) { return set->item(i).height * set->item(i).width; };
  std::vector<int64_t> some = thinned(which, pixels, options.learning.valid_pixels);
  if (some.size() < which.size()) {
    log_info("validation reads {} of {} pictures (valid_pixels)", some.size(), which.size());
  }
  return [set, some = std::move(some), options](const Denoiser& denoiser) {
    const PlaneSource given = some_of(source_of(*set, reading_of(options.data)), some);
    const auto seed = static_cast<uint64_t>(options.use.noise_seed);
    if (learns_from_noisy(options)) return measure_blind(denoiser, with_blind_spots(given, seed), {});
    return measure(denoiser, with_noise(given, noise_of(options.noise), seed), given, nullptr, /*baselines=*/false);
  };
}

}  // namespace

std::unique_ptr<Training> train_on_pictures(DenoiseOptions& options, const TrainingData& data,
                                            const TrainingStart& start) {
  const auto set = std::make_shared<const ImageSet>(ImageSet::read(data.files));
  set->log_all();
  std::shared_ptr<const ImageSet> valid_set;
  std::vector<int64_t> train = all_of(set->size()), valid;
  if (data.held_out) {
    HoldOut drawn = hold_out(labels_of(*set), *data.held_out, start.seed);
    train = std::move(drawn.train);
    valid = std::move(drawn.valid);
    valid_set = set;
  } else if (!data.valid.empty()) {
    valid_set = std::make_shared<const ImageSet>(ImageSet::read(data.valid));
    valid_set->log_all();
    valid = all_of(valid_set->size());
  }
  if (options.data.channels == "auto") options.data.channels = has_colours(*set, train) ? "colour" : "grey";
  choose_range(*set, train, options.data);
  choose_patch(*set, train, options);
  const auto squares = std::make_shared<const NoisySquares>(set, train, options);
  DenoiseParts parts;
  parts.train = function_dataset<NoisyPiece>(
      std::vector<int64_t>(static_cast<size_t>(squares->size()), options.data.patch),
      [squares](int64_t i, Random& random) { return squares->load(i, random); }, set->in_memory());
  parts.checksum = checksum_of(*set, train);
  if (valid_set != nullptr) parts.validate = validation_of(valid_set, valid, options);
  Random random(start.seed, kInitialValues);
  auto training =
      std::make_unique<DenoiseTraining<DenoiseTrained>>(DenoiseTrained(options, random), std::move(parts), start);
  training->set_taken(fmt::format("{}: {} {} pictures in {}; {} squares of {} pixels to learn from",
                                  files_text(set->files()), set->size(), options.data.learn_from, options.data.channels,
                                  squares->size(), options.data.patch));
  return training;
}

}  // namespace recur
