#include "recur/data/caption_set.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <system_error>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/number_array.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/image_set.h"
#include "recur/data/images/image.h"
#include "recur/data/images/resize.h"

namespace recur {
namespace {

constexpr int64_t kColours = 3;

// Pixels of three channels: a grey picture has three equal ones.
std::vector<float> pixels_of(const Image& image, int64_t side) {
  const Image small = resized(image, side, side);
  if (small.channels == kColours) return small.values;
  std::vector<float> out;
  out.reserve(small.values.size() * kColours);
  for (const float value : small.values) out.insert(out.end(), kColours, value);
  return out;
}

bool is_picture_file(const DataFile& file) {
  constexpr size_t kHeadBytes = 16;
  return is_folder(file) || image_format(file.head(kHeadBytes)) != ImageFormat::kNone;
}

CaptionShape shape_of_features(const std::string& name, const std::vector<int64_t>& shape) {
  const bool flat = shape.size() == 2;
  if (!flat && shape.size() != 3) {
    fail("{}: an array of shape ({}); expected features [N, D] or [N, regions, D]", name, fmt::join(shape, ", "));
  }
  const CaptionShape out{.side = 0, .regions = flat ? 1 : shape[1], .features = shape.back()};
  if (shape[0] < 1 || out.regions < 1 || out.features < 1) {
    fail("{}: an array of shape ({}) has no features", name, fmt::join(shape, ", "));
  }
  return out;
}

}  // namespace

CaptionSet::CaptionSet(const CaptionShape& shape)
    : shape_(shape), values_({.width = shape.values(), .purpose = "pictures: cannot keep the values"}) {}

void CaptionSet::add(CaptionedImage image, std::span<const float> values) {
  values_.append(values);
  images_.push_back(std::move(image));
}

std::vector<float> CaptionSet::values(int64_t i) const {
  std::vector<float> room;
  const auto own = values_.read(i, i + 1, room);
  return {own.begin(), own.end()};
}

int64_t CaptionSet::captions() const {
  int64_t count = 0;
  for (const CaptionedImage& each : images_) count += static_cast<int64_t>(each.captions.size());
  return count;
}

void CaptionSet::log_all() const {
  for (const std::string& note : notes_) log_info("{}", note);
  for (const std::string& warning : warnings_) log_warning("{}", warning);
}

void CaptionSet::read_pictures(CaptionList list, bool need_captions) {
  namespace fs = std::filesystem;
  std::vector<std::string> faults;
  for (CaptionedImage& image : list.images) {
    if (need_captions && image.captions.empty()) continue;
    std::error_code ignored;
    if (!fs::is_regular_file(image.path, ignored)) {
      faults.push_back(fmt::format("{}: no such file: {}", list.where(image), quoted_cell(image.id)));
      continue;
    }
    try {
      const std::vector<float> values = pixels_of(read_image(DataFile(image.path)), shape_.side);
      add(std::move(image), values);
    } catch (const UsageError&) {
      throw;
    } catch (const Error& error) {
      faults.emplace_back(error.what());
    }
  }
  if (faults.empty()) return;
  if (images_.empty()) fail("none of {} pictures can be read: {}", faults.size(), faults.front());
  warnings_.push_back(fmt::format("{} cannot be read and left out, the first: {}",
                                  counted(static_cast<int64_t>(faults.size()), "picture", "pictures"), faults.front()));
}

void CaptionSet::read_features(CaptionList list, const CaptionSetOptions& options) {
  ArrayReader reader{DataFile(options.features)};
  if (reader.shape()[0] != static_cast<int64_t>(list.images.size())) {
    fail("{}: an array of {} rows; expected one for each of {} pictures of {}, in their order", options.features,
         reader.shape()[0], list.images.size(), files_text(list.files));
  }
  std::vector<double> numbers(static_cast<size_t>(shape_.values()));
  std::vector<float> values(numbers.size());
  for (size_t n = 0; n < list.images.size(); ++n) {
    reader.read(numbers);
    for (size_t k = 0; k < numbers.size(); ++k) {
      if (!(std::abs(numbers[k]) < 1e30)) {
        fail("{}: row {}: value {}: expected a number, got {}", options.features, n + 1, k + 1, numbers[k]);
      }
      values[k] = static_cast<float>(numbers[k]);
    }
    if (options.list.need_captions && list.images[n].captions.empty()) continue;
    add(std::move(list.images[n]), values);
  }
}

CaptionSet CaptionSet::read(std::span<const DataFile> files, const CaptionSetOptions& options) {
  if (files.empty()) fail("captions: no file given");
  CaptionShape shape{.side = options.side};
  if (!options.features.empty()) {
    const DataFile array(options.features);
    if (array_format(array) != "npy") fail("{}: expected features as an .npy array", options.features);
    shape = shape_of_features(options.features, ArrayReader(array).shape());
  }
  CaptionSet set(shape);
  std::vector<DataFile> lists;
  for (const DataFile& file : files) {
    const bool pictures = is_picture_file(file);
    if (pictures && options.list.need_captions) {
      fail_usage(
          "{}: {}, without captions; expected a list of pictures with their captions: a .csv or .tsv with the "
          "columns image and caption, or JSON lines",
          file.name(), is_folder(file) ? "a folder" : "a picture");
    }
    if (!pictures || !options.features.empty()) {
      lists.push_back(file);
      continue;
    }
    const ImageSet found = ImageSet::read(std::span(&file, 1));
    found.log_all();
    for (int64_t i = 0; i < found.size(); ++i) {
      set.add({.id = found.item(i).id, .path = found.item(i).file, .captions = {}, .place = {}},
              pixels_of(found.load(i), shape.side));
    }
  }
  for (const DataFile& file : files) set.files_.push_back(file.name());
  if (!lists.empty()) {
    CaptionList list = read_caption_list(lists, options.list);
    set.notes_ = list.notes;
    set.warnings_ = list.warnings;
    if (options.features.empty()) {
      set.read_pictures(std::move(list), options.list.need_captions);
    } else {
      set.read_features(std::move(list), options);
    }
  }
  if (set.images_.empty()) fail("{}: there are no pictures with captions in it", files_text(set.files_));
  return set;
}

}  // namespace recur
