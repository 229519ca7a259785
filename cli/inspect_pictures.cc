#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/image_set.h"

namespace recur::cli {
namespace {

constexpr std::size_t kKindsShown = 20, kLabelsShown = 12, kFaultsShown = 10;

std::string_view format_name(ImageFormat format) {
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

void print_pictures(const ImageSet& set, const PictureStatistics& found) {
  Facts facts;
  facts.add("pictures", fmt::format("{} in {}", thousands(set.size()), harmless(listed_files(set.files()))));
  facts.add("height", sizes_text(found.least_height, found.most_height));
  facts.add("width", sizes_text(found.least_width, found.most_width));
  facts.add("pixels", thousands(found.pixels));
  std::size_t shown = 0;
  for (const auto& [kind, count] : found.kinds) {
    if (shown++ == kKindsShown) break;
    const auto& [format, bits, channels] = kind;
    facts.add("format",
              fmt::format("{} {}, {} bits, {}", thousands(count), format, bits, channels == 1 ? "grey" : "colour"));
  }
  facts.add("classes", labels_text(found));
  if (found.transparent > 0)
    facts.add("transparent", fmt::format("{}, blended with white", thousands(found.transparent)));
  facts.add("unreadable", thousands(std::ssize(set.faults())));
  for (const std::string& note : set.notes()) facts.add("note", harmless(note));
  std::string text = facts.text();
  for (std::size_t i = 0; i < std::min(kFaultsShown, set.faults().size()); ++i) {
    text += (i == 0 ? "\n" : "") + harmless(set.faults()[i].message) + "\n";
  }
  if (set.faults().size() > kFaultsShown) {
    text += fmt::format("... and {} more\n", thousands(std::ssize(set.faults()) - static_cast<int64_t>(kFaultsShown)));
  }
  print(text);
}

Json pictures_json(const ImageSet& set, const PictureStatistics& found) {
  Json json{{"kind", "pictures"},
            {"paths", set.files()},
            {"pictures", set.size()},
            {"height", {{"least", found.least_height}, {"greatest", found.most_height}}},
            {"width", {{"least", found.least_width}, {"greatest", found.most_width}}},
            {"pixels", found.pixels},
            {"transparent", found.transparent}};
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
  if (options.json) return print(json_line(pictures_json(set, found)));
  print_pictures(set, found);
}

}  // namespace recur::cli
