#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/data/clip_set.h"
#include "recur/data/files/plain_text.h"

namespace recur::cli {
namespace {

constexpr std::size_t kClipClassesShown = 20, kClipMessagesShown = 10;

struct ClipStatistics {
  int64_t frames = 0, shortest = 0, longest = 0, unlabelled = 0;
  std::map<std::string, int64_t> labels;  // clips, or frames where these have labels
};

ClipStatistics statistics_of_clips(const ClipSet& clips) {
  ClipStatistics out;
  const SequenceSet& set = clips.set;
  for (const Sequence& s : set.sequences) {
    const int64_t frames = set.length(s);
    out.shortest = out.frames == 0 && out.longest == 0 ? frames : std::min(out.shortest, frames);
    out.longest = std::max(out.longest, frames);
    out.frames += frames;
    if (set.step_classes.empty()) {
      const bool labelled = !s.labels.empty() && !s.labels[0].empty();
      labelled ? ++out.labels[s.labels[0]] : ++out.unlabelled;
      continue;
    }
    for_each_part(set, s, [&](const Sequence& part, int64_t) {
      for (const int32_t label : part.step_labels) {
        label >= 0 ? ++out.labels[set.step_classes[static_cast<std::size_t>(label)]] : ++out.unlabelled;
      }
    });
  }
  return out;
}

std::string classes_text(const ClipStatistics& found) {
  if (found.labels.empty()) return "none";
  std::string out = fmt::format("{}:", thousands(std::ssize(found.labels)));
  std::size_t shown = 0;
  for (const auto& [name, count] : found.labels) {
    if (shown++ == kClipClassesShown) return out + " ...";
    out += fmt::format(" {} {} ", harmless(recur::shortened(name)), thousands(count));
  }
  out.pop_back();
  return out;
}

void print_clips(const ClipSet& clips, const ClipStatistics& found) {
  const bool frames = !clips.set.step_classes.empty();
  Facts facts;
  facts.add("clips", fmt::format("{} in {}", thousands(clips.size()),
                                 harmless(clips.set.files.size() > 1 ? files_text(clips.set.files)
                                                                     : listed_files(clips.set.files))));
  facts.add("a frame", clips.shape.text());
  facts.add("frames", found.shortest == found.longest
                          ? fmt::format("{}, {} a clip", thousands(found.frames), thousands(found.longest))
                          : fmt::format("{}, {} to {} a clip", thousands(found.frames), thousands(found.shortest),
                                        thousands(found.longest)));
  facts.add(frames ? "classes of frames" : "classes", classes_text(found));
  if (found.unlabelled > 0 && !found.labels.empty()) facts.add("without a label", thousands(found.unlabelled));
  facts.add("unreadable", thousands(std::ssize(clips.faults)));
  for (const std::string& note : clips.set.notes) facts.add("note", harmless(note));
  for (const std::string& warning : clips.warnings) facts.add("warning", harmless(warning));
  std::string text = facts.text();
  for (std::size_t i = 0; i < std::min(kClipMessagesShown, clips.faults.size()); ++i) {
    text += (i == 0 ? "\n" : "") + harmless(clips.faults[i]) + "\n";
  }
  if (clips.faults.size() > kClipMessagesShown) {
    text += fmt::format("... and {} more\n",
                        thousands(std::ssize(clips.faults) - static_cast<int64_t>(kClipMessagesShown)));
  }
  print(text);
}

Json clips_json(const ClipSet& clips, const ClipStatistics& found) {
  Json json{{"kind", "clips"},
            {"paths", clips.set.files},
            {"clips", clips.size()},
            {"input", std::string(clip_kind_name(clips.shape.kind))},
            {"numbers", clips.shape.numbers()},
            {"frames", {{"all", found.frames}, {"least", found.shortest}, {"greatest", found.longest}}},
            {"labels_of", clips.set.step_classes.empty() ? "clips" : "frames"}};
  json["classes"] = Json::object();
  for (const auto& [name, count] : found.labels) json["classes"].add(name, count);
  json["unreadable"] = clips.faults;
  json["warnings"] = clips.warnings;
  return json;
}

}  // namespace

void inspect_clips(const ClipSet& clips, const InspectOptions& options) {
  const ClipStatistics found = statistics_of_clips(clips);
  if (options.json) return print(json_line(clips_json(clips, found)));
  print_clips(clips, found);
}

}  // namespace recur::cli
