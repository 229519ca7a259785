// recur inspect of sounds and their texts.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/base/quantile.h"
#include "recur/data/audio/sound_survey.h"
#include "recur/data/files/plain_text.h"

namespace recur::cli {
namespace {

// "16000 (948), 8000 (2)", the most common first.
std::string counts_text(const std::map<int64_t, int64_t>& counts, const char* none = "0") {
  std::vector<std::pair<int64_t, int64_t>> all(counts.begin(), counts.end());
  std::ranges::stable_sort(all, std::greater{}, &std::pair<int64_t, int64_t>::second);
  std::string out;
  for (const auto& [value, count] : all) {
    if (!out.empty()) out += ", ";
    out += value == 0 ? std::string(none) : fmt::format("{}", value);
    if (all.size() > 1) out += fmt::format(" ({})", thousands(count));
  }
  return out;
}

Json counts_json(const std::map<int64_t, int64_t>& counts) {
  Json out = Json::object();
  for (const auto& [value, count] : counts) out.add(fmt::format("{}", value), count);
  return out;
}

// "3: a.wav, b.wav, c.wav"
std::string first_names(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  const std::vector<std::string> first(names.begin(),
                                       names.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, names.size())));
  std::string out = fmt::format("{}: {}", thousands(std::ssize(names)), harmless(listed(first)));
  if (names.size() > kShown) out += " ...";
  return out;
}

std::string letters_text(const SoundSurvey& found) {
  std::string out = fmt::format("{}:", thousands(std::ssize(found.letters)));
  constexpr std::size_t kShown = 100;
  std::size_t shown = 0;
  for (const auto& [letter, count] : found.letters) {
    if (++shown > kShown) return out + " ...";
    out += letter == " " ? " space" : " " + letter;
  }
  return harmless(out);
}

std::vector<std::string> named_twice(const SoundSurvey& found) {
  std::vector<std::string> out;
  for (const auto& [path, names] : found.twice) out.push_back(names.front());
  return out;
}

Json sounds_json(const Transcripts& list, const SoundSurvey& found) {
  Json json{{"kind", "sounds"},
            {"paths", list.files},
            {"sounds", found.sounds},
            {"seconds", found.seconds},
            {"rates", counts_json(found.rates)},
            {"channels", counts_json(found.channels)},
            {"bits", counts_json(found.bits)},
            {"silent_seconds", found.silent_seconds},
            {"silent_seconds_at_ends", found.silent_ends},
            {"silent", found.silent},
            {"clipped", found.clipped},
            {"twice", named_twice(found)},
            {"unreadable", found.faults},
            {"texts", found.texts},
            {"words", found.words},
            {"characters", found.characters},
            {"speakers", found.speakers},
            {"notes", list.notes},
            {"warnings", list.warnings}};
  if (!found.lengths.empty()) {
    const std::span<const double> lengths(found.lengths);
    json["lengths"] = {{"shortest", lengths.front()}, {"median", quantile(lengths, 0.5)}, {"longest", lengths.back()}};
  }
  return json;
}

void print_sounds(const Transcripts& list, const SoundSurvey& found) {
  Facts facts;
  facts.add("sounds", harmless(listed_files(list.files)));
  facts.add("files", thousands(found.sounds));
  if (found.sounds > 0) {
    const std::span<const double> lengths(found.lengths);
    facts.add("length", fmt::format("{} in all; {:.2f} to {:.2f} s, median {:.2f} s, 95% up to {:.2f} s",
                                    human_duration(found.seconds), lengths.front(), lengths.back(),
                                    quantile(lengths, 0.5), quantile(lengths, 0.95)));
    facts.add("samples a second", counts_text(found.rates));
    facts.add("channels", counts_text(found.channels));
    facts.add("bits", counts_text(found.bits, "other"));
    facts.add("silence",
              fmt::format("{:.1f}% of the time, {:.1f}% at both ends", 100 * found.silent_seconds / found.seconds,
                          100 * found.silent_ends / found.seconds));
  }
  if (found.texts > 0) {
    facts.add("texts", fmt::format("{}, {} words, {:.1f} characters a second", thousands(found.texts),
                                   thousands(found.words), static_cast<double>(found.characters) / found.seconds));
    facts.add("characters", letters_text(found));
  } else {
    facts.add("texts", "none");
  }
  if (found.speakers > 0) facts.add("speakers", thousands(found.speakers));
  if (!found.silent.empty()) facts.add("nothing in them", first_names(found.silent));
  if (!found.clipped.empty()) facts.add("clipped", first_names(found.clipped));
  if (!found.twice.empty()) facts.add("more than once", first_names(named_twice(found)));
  if (!found.faults.empty()) facts.add("unreadable", first_names(found.faults));
  for (const std::string& note : list.notes) facts.add("note", harmless(note));
  for (const std::string& warning : list.warnings) facts.add("warning", harmless(warning));
  print(facts.text());
}

}  // namespace

void inspect_sounds(const std::vector<DataFile>& files, const TranscriptOptions& reading,
                    const InspectOptions& options) {
  const Transcripts list = read_transcripts(files, reading);
  const SoundSurvey found = survey_sounds(list);
  options.json ? print(json_line(sounds_json(list, found))) : print_sounds(list, found);
}

}  // namespace recur::cli
