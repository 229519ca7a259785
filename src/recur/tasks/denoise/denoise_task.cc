#include "recur/tasks/denoise/denoise_task.h"

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

  NoisySquare load(int64_t i, Random& random) const {
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
    if (learns_from_noisy(options_)) {
      BlindSpots spots = hide_some(square, random);
      return {.noisy = std::move(spots.shown), .wanted = std::move(square), .weights = std::move(spots.weights)};
    }
    NoisySquare out{.noisy = square, .wanted = std::move(square)};
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

// Every k-th of the pictures to validate on, where all would take longer than many steps of training.
void thin_validation(int64_t most_pixels, DenoiseParts& parts) {
  if (parts.valid == nullptr || most_pixels == 0) return;
  std::vector<int64_t> all = parts.held_out.empty() ? all_of(parts.valid->size()) : parts.held_out;
  int64_t pixels = 0;
  for (const int64_t i : all) pixels += parts.valid->item(i).height * parts.valid->item(i).width;
  const int64_t every = std::min((pixels + most_pixels - 1) / most_pixels, std::ssize(all));
  if (every < 2) return;
  std::vector<int64_t> some;
  for (int64_t k = 0; k < std::ssize(all); k += every) some.push_back(all[static_cast<size_t>(k)]);
  log_info("validation reads {} of {} pictures (valid_pixels)", some.size(), all.size());
  parts.held_out = std::move(some);
}

// Throws UsageError for what noisy pictures alone do not allow.
void check_learning(const DenoiseOptions& options) {
  if (!learns_from_noisy(options)) return;
  const std::string& select = options.learning.select;
  if (select == "psnr" || select == "ssim") {
    fail_usage("select: expected loss, as clean pictures are not known (learn_from = noisy), got {}", select);
  }
  if (!options.noise.level.empty()) fail_usage("level: no noise is added to noisy pictures (learn_from = noisy)");
}

std::vector<std::string> labels_of(const ImageSet& set) {
  std::vector<std::string> labels;
  for (int64_t i = 0; i < set.size(); ++i) labels.push_back(set.item(i).label);
  return labels;
}

}  // namespace

const TaskInfo& DenoiseTask::info() const { return denoise_info(); }

std::unique_ptr<Training> DenoiseTask::train(const TrainingData& data, const TrainingStart& start) {
  check_noise(options.noise);
  check_learning(options);
  const auto set = std::make_shared<const ImageSet>(ImageSet::read(data.files));
  set->log_all();
  DenoiseParts parts;
  std::vector<int64_t> train = all_of(set->size());
  if (data.held_out) {
    HoldOut drawn = hold_out(labels_of(*set), *data.held_out, start.seed);
    train = std::move(drawn.train);
    parts.held_out = std::move(drawn.valid);
    parts.valid = set;
  } else if (!data.valid.empty()) {
    const auto valid = std::make_shared<const ImageSet>(ImageSet::read(data.valid));
    valid->log_all();
    parts.valid = valid;
  }
  thin_validation(options.learning.valid_pixels, parts);
  if (options.data.channels == "auto") options.data.channels = has_colours(*set, train) ? "colour" : "grey";
  choose_range(*set, train, options.data);
  choose_patch(*set, train, options);
  const auto squares = std::make_shared<const NoisySquares>(set, train, options);
  parts.train = function_dataset<NoisySquare>(
      std::vector<int64_t>(static_cast<size_t>(squares->size()), options.data.patch),
      [squares](int64_t i, Random& random) { return squares->load(i, random); }, set->in_memory());
  parts.checksum = checksum_of(*set, train);
  Random random(start.seed, kInitialValues);
  DenoiseTrained trained(options, random);
  ShuffledBatches<NoisySquare> batches(parts.train, {.batch = options.data.batch}, start);
  const std::string taken = fmt::format("{}: {} {} pictures in {}; {} squares of {} pixels to learn from",
                                        files_text(set->files()), set->size(), options.data.learn_from,
                                        options.data.channels, squares->size(), options.data.patch);
  auto training = std::make_unique<DenoiseTraining>(std::move(trained), std::move(parts), std::move(batches));
  training->set_taken(taken);
  return training;
}

std::unique_ptr<Trained> DenoiseTask::restore(const Assets&, int64_t elements) const {
  DenoiseOptions own = options;
  // Which files are read and written is for whoever uses a model to say, not for its file.
  own.use.images.clear();
  own.use.clean.clear();
  if (own.data.channels == "auto") fail("channels: expected those of a model, got auto");
  check_noise(own.noise);
  check_size(own.model, sizes_of(own), elements);
  Random random(0);
  return std::make_unique<DenoiseTrained>(own, random);
}

}  // namespace recur
