#include "recur/data/image_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/foreign_file.h"
#include "recur/data/files/line_reader.h"
#include "recur/data/files/npy_element.h"
#include "recur/data/files/plain_text.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr size_t kImageHead = 16;

bool is_picture(const DataFile& file) { return image_format(file.head(kImageHead)) != ImageFormat::kNone; }

bool is_channels(int64_t size) { return size == 1 || size == 3; }

// How an array holds pictures: N, H, W, C.
struct ArrayAxes {
  int64_t count = 1, height = 1, width = 1, channels = 1;
  bool channels_first = false;
};

ArrayAxes axes_of_pictures(const std::string& name, const std::vector<int64_t>& shape) {
  const auto fault = [&]() {
    fail("{}: an array of shape ({}); expected [N, H, W], [N, H, W, C], [N, C, H, W] or [H, W], with C 1 or 3", name,
         fmt::join(shape, ", "));
  };
  if (shape.size() == 2) return {.height = shape[0], .width = shape[1]};
  if (shape.size() == 3) {
    if (shape[2] == 3 && shape[1] > 4) {
      fail_usage(
          "{}: an array of shape ({}) is one picture in colour, or {} pictures that are 3 wide; save it as "
          "[1, {}, {}, 3] or [{}, {}, 3, 1]",
          name, fmt::join(shape, ", "), shape[0], shape[0], shape[1], shape[0], shape[1]);
    }
    return {.count = shape[0], .height = shape[1], .width = shape[2]};
  }
  if (shape.size() != 4) fault();
  const bool first = is_channels(shape[1]), last = is_channels(shape[3]);
  if (first && last && shape[1] != 1 && shape[3] != 1) {
    fail_usage(
        "{}: an array of shape ({}) has its channels in the second place or in the last; save it with more "
        "than 3 pixels on each side",
        name, fmt::join(shape, ", "));
  }
  if (last && !(first && shape[3] == 1 && shape[1] == 3)) {
    return {.count = shape[0], .height = shape[1], .width = shape[2], .channels = shape[3]};
  }
  if (!first) fault();
  return {.count = shape[0], .height = shape[2], .width = shape[3], .channels = shape[1], .channels_first = true};
}

// Bits of a value where the largest number that they hold stands for white: truth values, integers of 8 and 16 bits.
int bits_of(const ArrayElement& element) {
  if (element.kind == 'b') return 1;
  return element.kind == 'u' && element.bytes <= 2 ? 8 * element.bytes : 0;
}

float white_of_bits(int bits) { return bits == 0 ? 1.0f : static_cast<float>((1 << bits) - 1); }

// A value as an element, which the reader of arrays gives back: of integers of 8 and 16 bits a share of white.
void append_pixel(std::string& out, float value, const ArrayElement& element) {
  const int bits = bits_of(element);
  append_element(out, bits > 0 ? static_cast<double>(internal::quantized(value, (1u << bits) - 1)) : value, element);
}

}  // namespace

ImageSet::ImageSet(const ImageSetOptions& options)
    : options_(options),
      values_({.width = 1, .purpose = "pictures: cannot keep the values", .memory_bytes = options.memory_bytes}) {}

ImageSet ImageSet::read(std::span<const DataFile> files, const ImageSetOptions& options) {
  ImageSet set(options);
  for (const DataFile& file : files) {
    const auto source = static_cast<int>(set.files_.size());
    set.files_.push_back(file.name());
    if (is_folder(file)) {
      set.add_folder(file, source);
    } else if (is_picture(file)) {
      set.add_picture(file, {.id = fs::path(file.name()).filename().string(), .source = source});
    } else if (const std::string kind = array_format(file); kind == "npz") {
      fail("{}: an archive of arrays; save the pictures as an .npy array", file.name());
    } else if (!kind.empty()) {
      set.add_array(file, source);
    } else {
      check_not_foreign(file);
      set.add_list(file, source);
    }
  }
  if (set.items_.empty()) {
    if (set.faults_.empty()) fail("{}: no pictures (PNG, JPEG, PGM, PPM)", files_text(set.files_));
    fail("none of {} pictures can be read: {}", set.faults_.size(), set.faults_.front().message);
  }
  return set;
}

void ImageSet::add_picture(const DataFile& file, ImageItem item) {
  item.file = file.name();
  try {
    const Image image = read_image(file, options_.most_pixels);
    item.height = image.height;
    item.width = image.width;
    item.channels = image.channels;
    item.bits = image.bits;
    item.had_alpha = image.had_alpha;
    item.format = image_format(file.head(kImageHead));
    first_.push_back(values_.append(image.values));
    items_.push_back(std::move(item));
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    faults_.push_back({file.name(), error.what()});
  }
}

void ImageSet::add_folder(const DataFile& folder, int source) {
  const ClassFolder found = read_class_folder(folder);
  int64_t others = 0;
  std::string first;
  for (const LabelledFile& each : found.files) {
    if (!is_image_name(each.file.name()) && !is_picture(each.file)) {
      if (others++ == 0) first = each.id;
      continue;
    }
    add_picture(each.file, {.id = each.id, .label = each.label, .source = source});
  }
  notes_.push_back(found.note);
  if (others > 0) {
    notes_.push_back(fmt::format("{}: {} skipped, the first of them {}", folder.name(),
                                 counted(others, "file that is not a picture is", "files that are not pictures are"),
                                 shortened(first)));
  }
}

void ImageSet::add_list(const DataFile& list, int source) {
  LineReader lines(list);
  const fs::path folder = fs::path(list.name()).parent_path();
  std::string_view line;
  for (int64_t number = 1; lines.next(line); ++number) {
    line = trimmed(line);
    if (line.empty()) continue;
    const size_t cut = std::min(line.find_first_of("\t,;"), line.size());
    const std::string path(trimmed(line.substr(0, cut)));
    const std::string label(cut < line.size() ? trimmed(line.substr(cut + 1)) : std::string_view());
    std::error_code ignored;
    const fs::path own = folder / path;
    if (number == 1 && !is_image_name(path) && !fs::exists(own, ignored) && !fs::exists(path, ignored)) {
      notes_.push_back(fmt::format("{}: its first line is taken for names of columns", list.name()));
      continue;
    }
    const fs::path at = fs::exists(own, ignored) ? own : fs::path(path);
    if (!fs::is_regular_file(at, ignored)) {
      faults_.push_back({path, fmt::format("{}:{}: no such file: {}", list.name(), number, quoted_cell(path))});
      continue;
    }
    add_picture(at, {.id = path, .label = label, .source = source});
  }
}

void ImageSet::add_array(const DataFile& file, int source) {
  ArrayReader reader(file);
  const ArrayAxes axes = axes_of_pictures(file.name(), reader.shape());
  if (axes.height > options_.most_pixels / axes.width) {
    fail("{}: expected at most {} pixels, got {} x {}", file.name(), options_.most_pixels, axes.height, axes.width);
  }
  const int bits = bits_of(reader.element_type());
  const float white = white_of_bits(bits);
  arrays_.push_back({.source = source,
                     .shape = reader.shape(),
                     .element = reader.element_type(),
                     .channels_first = axes.channels_first,
                     .first = size(),
                     .count = axes.count});
  const int64_t pixels = axes.height * axes.width, size = pixels * axes.channels;
  std::vector<double> numbers(static_cast<size_t>(size));
  std::vector<float> values(numbers.size());
  const std::string name = fs::path(file.name()).filename().string();
  for (int64_t n = 0; n < axes.count; ++n) {
    reader.read(numbers);
    for (int64_t i = 0; i < size; ++i) {
      const double number = numbers[static_cast<size_t>(i)];
      if (!(std::abs(number) < 1e30)) {
        fail("{}: picture {}: value {}: expected a number, got {}", file.name(), n + 1, i + 1, number);
      }
      const int64_t to = axes.channels_first ? i % pixels * axes.channels + i / pixels : i;
      values[static_cast<size_t>(to)] = static_cast<float>(number) / white;
    }
    first_.push_back(values_.append(values));
    items_.push_back({.id = axes.count == 1 ? name : fmt::format("{}[{}]", name, n),
                      .label = "",
                      .file = file.name(),
                      .source = source,
                      .height = axes.height,
                      .width = axes.width,
                      .channels = axes.channels,
                      .bits = bits});
  }
}

Image ImageSet::load(int64_t i) const {
  const ImageItem& own = item(i);
  const int64_t first = first_[static_cast<size_t>(i)];
  std::vector<float> room;
  const auto values = values_.read(first, first + own.height * own.width * own.channels, room);
  Image out{.height = own.height,
            .width = own.width,
            .channels = own.channels,
            .bits = own.bits,
            .had_alpha = own.had_alpha,
            .values = {}};
  if (room.empty()) {
    out.values.assign(values.begin(), values.end());
  } else {
    out.values = std::move(room);
  }
  return out;
}

void ImageSet::log_all() const {
  constexpr size_t kNamed = 5;
  for (const std::string& note : notes_) log_info("{}", note);
  const auto alpha = std::ranges::count_if(items_, [](const ImageItem& item) { return item.had_alpha; });
  if (alpha > 0) log_info("blended with white, since partly transparent: {}", counted(alpha, "picture", "pictures"));
  if (faults_.empty()) return;
  std::vector<std::string> messages;
  for (const ImageFault& fault : faults_) {
    if (messages.size() < kNamed) messages.push_back(fault.message);
  }
  log_warning("{} of {} pictures cannot be read and are left out: {}{}", faults_.size(), size() + std::ssize(faults_),
              fmt::join(messages, "; "),
              faults_.size() > kNamed ? fmt::format(" and {} more", faults_.size() - kNamed) : "");
}

bool is_array_of_pictures(const DataFile& file) {
  const ArrayReader reader(file);
  const std::vector<int64_t>& shape = reader.shape();
  if (shape.size() != 4) return false;
  const ArrayElement element = reader.element_type();
  const bool bytes = element.kind == 'b' || (element.kind == 'u' && element.bytes == 1);
  const auto fits = [bytes](int64_t height, int64_t width) {
    return height > 3 && width > 3 && (bytes || height == width);
  };
  return (is_channels(shape[3]) && fits(shape[1], shape[2])) || (is_channels(shape[1]) && fits(shape[2], shape[3]));
}

std::string npy_bytes(const ImageArray& array, std::span<const Image> images) {
  const ArrayElement element = written_element(array.element);
  std::string out = npy_header(array.shape, element);
  for (const Image& image : images) {
    const int64_t pixels = image.pixels(), channels = image.channels;
    for (int64_t i = 0; i < pixels * channels; ++i) {
      const int64_t from = array.channels_first ? i % pixels * channels + i / pixels : i;
      append_pixel(out, image.values[static_cast<size_t>(from)], element);
    }
  }
  return out;
}

}  // namespace recur
