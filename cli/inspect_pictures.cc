#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/base/counted.h"
#include "recur/data/files/class_folder.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/image_set.h"

namespace recur::cli {
namespace {

constexpr std::size_t kKindsShown = 20, kLabelsShown = 12, kFaultsShown = 10;

std::string_view format_name(ImageFormat format) {
  if (format == ImageFormat::kNone) return "array";
  return format == ImageFormat::kPng ? "PNG" : format == ImageFormat::kJpeg ? "JPEG" : "PGM or PPM";
}

// Pictures of one kind: format, bits, channels.
using PictureKind = std::tuple<std::string_view, int, int64_t>;

struct PictureStatistics {
  std::map<PictureKind, int64_t> kinds;
  std::map<std::string, int64_t> labels;
  int64_t least_height = 0, most_height = 0, least_width = 0, most_width = 0, pixels = 0, transparent = 0;
};

PictureStatistics statistics_of(const ImageSet& set) {
  PictureStatistics out;
  for (int64_t i = 0; i < set.size(); ++i) {
    const ImageItem& item = set.item(i);
    ++out.kinds[{format_name(item.format), item.bits, item.channels}];
    ++out.labels[item.label];
    const auto add = [i](int64_t size, int64_t& least, int64_t& most) {
      least = i == 0 ? size : std::min(least, size);
      most = std::max(most, size);
    };
    add(item.height, out.least_height, out.most_height);
    add(item.width, out.least_width, out.most_width);
    out.pixels += item.height * item.width;
    out.transparent += item.had_alpha ? 1 : 0;
  }
  return out;
}

// Two folders with pictures of the same names, as of noisy and clean ones.
struct PicturePairs {
  int64_t pairs = 0, alone = 0, unequal = 0;  // pictures without a partner; pairs of unequal sizes
  double error = 0;                           // mean square of what their values differ by, where sizes are equal
};

void add_difference(const Image& a, const Image& b, PicturePairs& to, int64_t& values) {
  ++to.pairs;
  if (a.height != b.height || a.width != b.width || a.channels != b.channels) {
    ++to.unequal;
    return;
  }
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    const double difference = double{a.values[i]} - double{b.values[i]};
    to.error += difference * difference;
  }
  values += std::ssize(a.values);
}

std::optional<PicturePairs> pairs_of(const ImageSet& set, const std::vector<DataFile>& files) {
  if (files.size() != 2 || !is_folder(files[0]) || !is_folder(files[1])) return {};
  std::map<std::string, int64_t> first;
  PicturePairs out;
  int64_t values = 0;
  for (int64_t i = 0; i < set.size(); ++i) {
    const ImageItem& item = set.item(i);
    const auto partner = first.find(item.id);
    if (item.source == 0) {
      first.emplace(item.id, i);
    } else if (partner == first.end()) {
      ++out.alone;
    } else {
      add_difference(set.load(partner->second), set.load(i), out, values);
    }
  }
  if (out.pairs == 0) return {};
  out.alone += std::ssize(first) - out.pairs;
  out.error = values > 0 ? out.error / static_cast<double>(values) : 0;
  return out;
}

std::string pairs_text(const PicturePairs& found) {
  std::string out = fmt::format("{} of the same names", thousands(found.pairs));
  if (found.unequal > 0) out += fmt::format(", {} of unequal sizes", thousands(found.unequal));
  if (found.pairs > found.unequal) {
    out += found.error > 0 ? fmt::format(", {:.1f} dB apart (PSNR)", -10 * std::log10(found.error)) : ", all equal";
  }
  if (found.alone > 0) out += fmt::format("; {} without a partner", counted(found.alone, "picture is", "pictures are"));
  return out;
}

// Folders of pictures that are numbered from the first on may be clips as well as classes.
bool may_be_clips(const ImageSet& set, const PictureStatistics& found) {
  const bool folders =
      std::ranges::all_of(set.files(), [](const std::string& file) { return is_folder(DataFile(file)); });
  if (!folders || found.labels.size() < 2 || found.labels.contains("")) return false;
  int64_t in_folder = 0;
  std::string folder;
  for (int64_t i = 0; i < set.size(); ++i) {
    const ImageItem& item = set.item(i);
    in_folder = item.label == std::exchange(folder, item.label) ? in_folder + 1 : 0;
    const auto number = parse_number(std::filesystem::path(item.id).stem().string());
    if (!number || (*number != static_cast<double>(in_folder) && *number != static_cast<double>(in_folder + 1))) {
      return false;
    }
  }
  return true;
}

std::string sizes_text(int64_t least, int64_t most) {
  return least == most ? thousands(least) : fmt::format("{} to {}", thousands(least), thousands(most));
}

std::string labels_text(const PictureStatistics& found) {
  if (found.labels.size() == 1 && found.labels.begin()->first.empty()) return "none";
  std::string out = fmt::format("{}:", thousands(std::ssize(found.labels)));
  std::size_t shown = 0;
  for (const auto& [name, count] : found.labels) {
    if (shown++ == kLabelsShown) return out + " ...";
    out += fmt::format(" {} {} ", name.empty() ? "(none)" : harmless(recur::shortened(name)), thousands(count));
  }
  out.pop_back();
  return out;
}

void print_pictures(const ImageSet& set, const PictureStatistics& found, const std::optional<PicturePairs>& pairs) {
  Facts facts;
  facts.add("pictures", fmt::format("{} in {}", thousands(set.size()), harmless(listed_files(set.files()))));
  if (pairs) facts.add("pairs", pairs_text(*pairs));
  facts.add("height", sizes_text(found.least_height, found.most_height));
  facts.add("width", sizes_text(found.least_width, found.most_width));
  facts.add("pixels", thousands(found.pixels));
  std::size_t shown = 0;
  for (const auto& [kind, count] : found.kinds) {
    if (shown++ == kKindsShown) break;
    const auto& [format, bits, channels] = kind;
    facts.add("format", fmt::format("{} {}, {}, {}", thousands(count), format,
                                    bits == 0 ? std::string("real numbers") : fmt::format("{} bits", bits),
                                    channels == 1 ? "grey" : "colour"));
  }
  facts.add("classes", labels_text(found));
  if (found.transparent > 0)
    facts.add("transparent", fmt::format("{}, blended with white", thousands(found.transparent)));
  facts.add("unreadable", thousands(std::ssize(set.faults())));
  for (const std::string& note : set.notes()) facts.add("note", harmless(note));
  if (may_be_clips(set, found)) {
    facts.add("note", "the pictures of each folder are numbered: --input frames reads each folder as a clip");
  }
  std::string text = facts.text();
  for (std::size_t i = 0; i < std::min(kFaultsShown, set.faults().size()); ++i) {
    text += (i == 0 ? "\n" : "") + harmless(set.faults()[i].message) + "\n";
  }
  if (set.faults().size() > kFaultsShown) {
    text += fmt::format("... and {} more\n", thousands(std::ssize(set.faults()) - static_cast<int64_t>(kFaultsShown)));
  }
  print(text);
}

Json pictures_json(const ImageSet& set, const PictureStatistics& found, const std::optional<PicturePairs>& pairs) {
  Json json{{"kind", "pictures"},
            {"paths", set.files()},
            {"pictures", set.size()},
            {"height", {{"least", found.least_height}, {"greatest", found.most_height}}},
            {"width", {{"least", found.least_width}, {"greatest", found.most_width}}},
            {"pixels", found.pixels},
            {"transparent", found.transparent}};
  if (pairs) {
    json["pairs"] = Json{{"pairs", pairs->pairs},
                         {"alone", pairs->alone},
                         {"of_unequal_sizes", pairs->unequal},
                         {"mean_squared_error", pairs->error}};
  }
  json["formats"] = Json::array();
  for (const auto& [kind, count] : found.kinds) {
    const auto& [format, bits, channels] = kind;
    json["formats"].push_back(
        Json{{"format", std::string(format)}, {"bits", bits}, {"channels", channels}, {"pictures", count}});
  }
  json["classes"] = Json::object();
  for (const auto& [name, count] : found.labels) {
    if (!name.empty()) json["classes"].add(name, count);
  }
  json["unreadable"] = Json::array();
  for (const ImageFault& fault : set.faults()) {
    json["unreadable"].push_back(Json{{"file", fault.file}, {"fault", fault.message}});
  }
  return json;
}

}  // namespace

void inspect_pictures(const std::vector<DataFile>& files, const InspectOptions& options) {
  const ImageSet set = ImageSet::read(files);
  const PictureStatistics found = statistics_of(set);
  const std::optional<PicturePairs> pairs = pairs_of(set, files);
  if (options.json) return print(json_line(pictures_json(set, found, pairs)));
  print_pictures(set, found, pairs);
}

}  // namespace recur::cli
