#include "recur/tasks/denoise/denoise_trained.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/npy_element.h"
#include "recur/data/image_set.h"
#include "recur/tasks/denoise/noise.h"
#include "recur/tasks/denoise/pairs.h"
#include "recur/tasks/output_places.h"
#include "recur/tasks/task_measures.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// Where what becomes of a picture is written, below the folder: its id. Ids of lists may lead anywhere: of these the
// file's name alone.
fs::path place_of(const std::string& id, ImageFormat format) {
  const fs::path own = fs::path(id).lexically_normal();
  const bool inside = own.is_relative() && !own.empty() && *own.begin() != "..";
  fs::path place = inside ? own : own.filename();
  // JPEG would add noise of its own.
  if (format == ImageFormat::kJpeg) place.replace_extension(".png");
  return place;
}

std::string bytes_of(const Image& image, ImageFormat format) {
  const int bits = image.bits > 8 ? 16 : 8;
  return format == ImageFormat::kPnm ? pnm_bytes(image, bits) : png_bytes(image, bits);
}

// Noisy and clean pictures are paired by their order, which one that is left out would shift.
void check_whole(const ImageSet& set) {
  if (set.faults().empty()) return;
  fail("clean: every picture must have its pair, and one cannot be read: {}", set.faults().front().message);
}

std::vector<std::string> names_of(const ImageSet& set) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < set.size(); ++i) names.push_back(set.item(i).id);
  return names;
}

// The files of cleaned pictures: one each, and one for all of an array.
OutputPlaces places_of(const ImageSet& set, const std::string& folder) {
  OutputPlaces places("images", folder);
  for (int64_t i = 0; i < set.size(); ++i) {
    const ImageItem& item = set.item(i);
    const bool is_array = item.format == ImageFormat::kNone;
    places.add(place_of(is_array ? npy_name(item.file) : item.id, item.format), item.file, is_array);
  }
  places.check_sources();
  return places;
}

// Root of the mean squared difference, in 1/255 of the range: how much was taken off.
double taken_off(const Planes& from, const Planes& cleaned) {
  return 255 * std::sqrt(mean_squared_error(from.values, cleaned.values));
}

}  // namespace

const TaskInfo& denoise_info() {
  static const TaskInfo info{.name = "denoise",
                             .summary = "Denoising: removes noise from pictures or series of numbers",
                             .data =
                                 "pictures: PNG, JPEG, PGM, PPM in folders or lists, arrays .npy and IDX; series: "
                                 "CSV, TSV, JSON lines, .ts, .tsf, .npy, .npz, sounds",
                             .unit = "pictures"};
  return info;
}

PlaneReading reading_of(const DenoiseDataOptions& options) {
  PlaneReading reading{.channels = options.channels == "colour" ? 3 : 1};
  if (options.low < options.high) {
    reading.low = options.low;
    reading.high = options.high;
  }
  return reading;
}

DenoiseSizes sizes_of(const DenoiseOptions& options) {
  return {.channels = reading_of(options.data).channels, .patch = options.data.patch};
}

NoiseMaker noise_of(const DenoiseNoiseOptions& options) {
  return [options](Planes& planes, Random& random) { add_noise(planes.values, options, random); };
}

PlaneSource source_of(const ImageSet& set, const PlaneReading& reading) {
  return {.size = set.size(),
          .load = [&set, reading](int64_t i) { return planes_of(set.load(i), reading); },
          .name = [&set](int64_t i) { return set.item(i).id; }};
}

DenoiseTrained::DenoiseTrained(const DenoiseOptions& options, Random& random)
    : TrainedOf(options), model_(options.model, sizes_of(options), random) {}

Denoiser DenoiseTrained::denoiser() const {
  return {.network = model_,
          .tile = options_.use.tile > 0 ? options_.use.tile : 256,
          .overlap = options_.use.overlap,
          .batch = options_.use.batch,
          .bounded = !(options_.data.low < options_.data.high)};
}

Evaluation DenoiseTrained::evaluate(const DataFiles& data, Sink* examples) const {
  check_evaluates(options_.use);
  const ImageSet set = ImageSet::read(data);
  set.log_all();
  const Denoiser own = denoiser();
  const PlaneReading reading = reading_of(options_.data);
  const PlaneSource given = source_of(set, reading);
  if (!options_.use.clean.empty()) {
    const DataFile clean(options_.use.clean);
    const ImageSet right = ImageSet::read(std::vector<DataFile>{clean});
    check_whole(set);
    check_whole(right);
    right.log_all();
    if (are_two_folders(data, clean)) check_same_files("picture", names_of(set), names_of(right));
    if (right.size() != set.size()) {
      fail("clean: expected as many pictures as there are noisy ones, {}, got {}", set.size(), right.size());
    }
    return measure(own, given, source_of(right, reading), examples);
  }
  const auto seed = static_cast<uint64_t>(options_.use.noise_seed);
  if (learns_from_noisy(options_) && options_.use.eval_level.empty()) {
    return measure_blind(own, with_blind_spots(given, seed), picture_filters(), examples);
  }
  DenoiseNoiseOptions noise = options_.noise;
  if (!options_.use.eval_level.empty()) noise.level = options_.use.eval_level;
  check_noise(noise);
  return measure(own, with_noise(given, noise_of(noise), seed), given, examples);
}

std::vector<TaskMeasure> DenoiseTrained::measures(const KeptRows& examples) const {
  if (!examples.find("psnr")) return {};
  return {mean_of("psnr", numbers_of(examples, "psnr")), mean_of("ssim", numbers_of(examples, "ssim"))};
}

void check_predicts(const DenoiseUseOptions& use) {
  if (!use.clean.empty()) fail_usage("clean: predict compares with nothing; set it of evaluate");
  if (!use.eval_level.empty()) fail_usage("eval_level: predict adds no noise; set it of evaluate");
}

void check_evaluates(const DenoiseUseOptions& use) {
  if (use.clean.empty() || use.eval_level.empty()) return;
  fail_usage(
      "clean, eval_level: expected one of them, as DATA are noisy with clean and clean with eval_level; got {} "
      "and {}",
      use.clean, fmt::join(use.eval_level, ","));
}

void DenoiseTrained::predict(const DataFiles& data, Sink& out) const {
  check_predicts(options_.use);
  if (!options_.use.arrays.empty() || !options_.use.sounds.empty()) {
    fail_usage("{}: the model cleans pictures; set images", options_.use.arrays.empty() ? "sounds" : "arrays");
  }
  const ImageSet set = ImageSet::read(data);
  const bool writes = !options_.use.images.empty();
  if (!writes) log_info("the cleaned pictures are not written: set images to a folder for them");
  std::optional<OutputPlaces> places;
  if (writes) places.emplace(places_of(set, options_.use.images));
  set.log_all();
  const PlaneReading reading = reading_of(options_.data);
  out.columns({"picture", "file", "height", "width", "taken_off"});
  std::vector<Image> of_array;
  size_t array = 0;
  clean(denoiser(), source_of(set, reading), [&](int64_t i, const Planes& from, const Planes& cleaned) {
    const ImageItem& item = set.item(i);
    Image like{.height = item.height, .width = item.width, .channels = item.channels, .bits = item.bits, .values = {}};
    const std::string place = writes ? (*places)[static_cast<size_t>(i)].string() : "";
    if (writes && item.format != ImageFormat::kNone) {
      out.picture({.name = place, .bytes = bytes_of(image_of(cleaned, like, reading), item.format)});
    } else if (writes) {
      of_array.push_back(image_of(cleaned, like, reading));
      if (std::ssize(of_array) == set.arrays()[array].count) {
        out.picture({.name = place, .bytes = npy_bytes(set.arrays()[array++], of_array)});
        of_array.clear();
      }
    }
    out.row(std::vector<TableCell>{item.id, place, item.height, item.width, taken_off(from, cleaned)});
  });
}

Description DenoiseTrained::describe() const {
  Description facts{{"channels", options_.data.channels}, {"network", options_.model.network}};
  facts.push_back({"learnt from", options_.data.learn_from + " pictures"});
  if (learns_from_noisy(options_)) return facts;
  facts.push_back({"noise", options_.noise.kind});
  const std::vector<int64_t> levels = levels_of(options_.noise);
  facts.push_back({"least level", levels.front()});
  facts.push_back({"greatest level", levels.back()});
  return facts;
}

}  // namespace recur
