#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "cli/inspect.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/data/sequences/sequence_statistics.h"
#include "recur/data/text/tagged_text.h"
#include "recur/data/text/text_rows.h"

namespace recur::cli {
namespace {

constexpr std::size_t kClassesShown = 12;
constexpr std::size_t kChannelsShown = 40;

std::string percent(int64_t part, int64_t total) {
  return fmt::format("{:.1f}%", total == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(total));
}

// "3 classes: a 50.0%  b 30.0%  c 20.0%; 2 missing"
std::string classes_text(const LabelStatistics& labels) {
  const bool one = labels.classes.size() == 1;
  std::string out = fmt::format("{} {}:", thousands(std::ssize(labels.classes)),
                                labels.numbers ? (one ? "number" : "different numbers") : (one ? "class" : "classes"));
  for (std::size_t i = 0; i < std::min(kClassesShown, labels.classes.size()); ++i) {
    const auto& [name, count] = labels.classes[i];
    out += fmt::format(" {} {} ", shortened(name), percent(count, labels.present));
  }
  if (labels.classes.size() > kClassesShown) out += " ...";
  while (out.ends_with(' ')) out.pop_back();
  if (labels.missing > 0) out += fmt::format("; {} missing", thousands(labels.missing));
  return out;
}

Json classes_json(const LabelStatistics& labels) {
  Json classes = Json::object();
  for (const auto& [name, count] : labels.classes) classes.add(name, count);
  return {{"name", labels.name}, {"present", labels.present}, {"missing", labels.missing}, {"classes", classes}};
}

std::string joined(const std::vector<std::string>& names) { return harmless(listed(names)); }

// --- series of numbers ---

std::string_view role_name(ChannelRole role) {
  return role == ChannelRole::kValue ? "value" : role == ChannelRole::kPast ? "past" : "future";
}

std::string time_of(const SequenceSet& set, double time) {
  return set.time_kind == TimeKind::kDate ? date_text(time, set.time_zone) : fmt::format("{:g}", time);
}

std::string lengths_text(const SequenceSet& set, const SequenceStatistics& found) {
  if (set.size() == 1) return fmt::format("1 of {} steps", thousands(found.steps));
  if (found.shortest == found.longest) {
    return fmt::format("{} of {} steps", thousands(set.size()), thousands(found.longest));
  }
  return fmt::format("{} of {} to {} steps (median {}), {} in all", thousands(set.size()), thousands(found.shortest),
                     thousands(found.longest), thousands(found.median), thousands(found.steps));
}

std::string time_text(const SequenceSet& set, const SequenceStatistics& found) {
  if (set.time_kind == TimeKind::kNone) return "none; steps are taken to be one apart";
  std::string out = fmt::format("{} to {}, {}", time_of(set, found.first_time), time_of(set, found.last_time),
                                time_step_text(found.grid.step));
  if (found.grid.gaps > 0) {
    out += fmt::format("; {} gaps, {} steps missing", thousands(found.grid.gaps), thousands(found.grid.missing));
  }
  if (found.grid.off > 0) out += fmt::format("; {} steps off the grid", thousands(found.grid.off));
  return out;
}

void add_notes(Facts& facts, const std::vector<std::string>& notes) {
  for (const std::string& note : notes) facts.add("note", harmless(note));
}

void add_role(Facts& facts, const std::string& role, const std::vector<std::string>& columns) {
  if (!columns.empty()) facts.add(role, joined(columns));
}

// Digits that tell the least value from the greatest.
int digits_of(const ChannelStatistics& channel) {
  constexpr int kUsual = 5, kMost = 15;
  const double range = channel.greatest - channel.least;
  const double size = std::max(std::abs(channel.least), std::abs(channel.greatest));
  if (!(range > 0) || !(size > 0)) return kUsual;
  return std::clamp(static_cast<int>(std::ceil(std::log10(size / range))) + 3, kUsual, kMost);
}

std::string channel_table(const SequenceSet& set, const SequenceStatistics& found) {
  std::vector<std::vector<std::string>> rows{{"channel", "role", "least", "mean", "greatest", "missing"}};
  for (std::size_t c = 0; c < std::min(kChannelsShown, set.channels.size()); ++c) {
    const ChannelStatistics& channel = found.channels[c];
    const int digits = digits_of(channel);
    const auto number = [&](double value) {
      return channel.present == 0 ? "-" : fmt::format("{:.{}g}", value, digits);
    };
    rows.push_back({shortened(set.channels[c].name), std::string(role_name(set.channels[c].role)),
                    number(channel.least), number(channel.mean), number(channel.greatest),
                    percent(channel.missing, channel.missing + channel.present)});
  }
  std::string out = table(rows, "llrrrr");
  if (set.channels.size() > kChannelsShown) {
    out += fmt::format("... and {} channels more\n", thousands(std::ssize(set.channels) - std::ssize(rows) + 1));
  }
  return out;
}

void print_series(const SequenceSet& set, const SequenceStatistics& found) {
  Facts facts;
  facts.add("series", harmless(listed_files(set.files)));
  facts.add("layout", std::string(layout_name(set.columns.layout)));
  facts.add("sequences", lengths_text(set, found));
  facts.add("id", set.columns.id.empty() ? "none" : harmless(set.columns.id));
  facts.add("time", set.columns.time.empty()
                        ? time_text(set, found)
                        : fmt::format("{}: {}", harmless(set.columns.time), time_text(set, found)));
  for (const LabelStatistics& labels : found.labels) {
    facts.add("label", fmt::format("{}: {}", harmless(labels.name), classes_text(labels)));
  }
  add_role(facts, "static", set.statics);
  add_role(facts, "left out", set.columns.ignored);
  if (set.stated_horizon > 0) facts.add("horizon", thousands(set.stated_horizon));
  add_notes(facts, set.notes);
  print(facts.text() + "\n" + channel_table(set, found));
}

Json series_json(const SequenceSet& set, const SequenceStatistics& found) {
  Json json{{"kind", "series"},
            {"paths", set.files},
            {"columns", parse_json(set.columns.to_text(), 2).value_or(nullptr)},
            {"sequences", set.size()},
            {"steps", found.steps},
            {"shortest", found.shortest},
            {"median_length", found.median},
            {"longest", found.longest}};
  if (set.time_kind != TimeKind::kNone) {
    json["time"] = {{"first", time_of(set, found.first_time)}, {"last", time_of(set, found.last_time)},
                    {"step", time_step_text(found.grid.step)}, {"gaps", found.grid.gaps},
                    {"missing_steps", found.grid.missing},     {"off_grid", found.grid.off}};
  }
  json["channels"] = Json::array();
  for (std::size_t c = 0; c < set.channels.size(); ++c) {
    const ChannelStatistics& channel = found.channels[c];
    json["channels"].push_back({{"name", set.channels[c].name},
                                {"role", role_name(set.channels[c].role)},
                                {"present", channel.present},
                                {"missing", channel.missing},
                                {"least", channel.least},
                                {"mean", channel.mean},
                                {"greatest", channel.greatest}});
  }
  json["labels"] = Json::array();
  for (const LabelStatistics& labels : found.labels) json["labels"].push_back(classes_json(labels));
  json["statics"] = set.statics;
  if (set.stated_horizon > 0) json["horizon"] = set.stated_horizon;
  json["notes"] = set.notes;
  return json;
}

// --- texts and sentences ---

// The number of words between spaces.
int64_t words_in(const std::string& text) {
  int64_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\n';
    words += !space && !inside ? 1 : 0;
    inside = !space;
  }
  return words;
}

struct WordCounts {
  int64_t total = 0, most = 0;
};

void print_words(Facts& facts, const std::string& name, const WordCounts& words, int64_t rows) {
  facts.add(name, fmt::format("{}, {:.1f} on average, {} at most", thousands(words.total),
                              static_cast<double>(words.total) / static_cast<double>(std::max<int64_t>(rows, 1)),
                              thousands(words.most)));
}

}  // namespace

void inspect_series(const SequenceSet& set, const InspectOptions& options) {
  const SequenceStatistics found = sequence_statistics(set);
  options.json ? print(json_line(series_json(set, found))) : print_series(set, found);
}

void inspect_text_rows(const std::vector<DataFile>& files, const TextRowOptions& reading,
                       const InspectOptions& options) {
  const TextRows data = read_text_rows(files, reading);
  std::map<std::string, int64_t> labels;
  WordCounts words;
  for (int64_t i = 0; i < data.size(); ++i) {
    const Loaded<TextRow> row = data.load(i);
    ++labels[row->label];
    const int64_t count = words_in(row->text);
    words.total += count;
    words.most = std::max(words.most, count);
  }
  const LabelStatistics found = label_statistics("label", std::move(labels));
  if (options.json) {
    Json json{{"kind", "texts"},
              {"paths", data.files},
              {"texts", data.size()},
              {"words", words.total},
              {"longest", words.most}};
    const TextColumns& columns = data.columns;
    if (!columns.text.empty()) {
      json["columns"] = {{"text", columns.text}, {"label", columns.label}, {"id", columns.id}};
    }
    if (data.labelled) json["labels"] = Json::array({classes_json(found)});
    json["notes"] = data.notes;
    return print(json_line(json));
  }
  Facts facts;
  facts.add("texts", harmless(listed_files(data.files)));
  facts.add("rows", thousands(data.size()));
  const TextColumns& columns = data.columns;
  for (const auto& [role, name] : {std::pair{"text column", columns.text}, {"id column", columns.id}}) {
    if (!name.empty()) facts.add(role, harmless(name));
  }
  print_words(facts, "words", words, data.size());
  facts.add("label", data.labelled ? classes_text(found) : "none");
  add_notes(facts, data.notes);
  print(facts.text());
}

void inspect_tagged(const std::vector<DataFile>& files, const std::string& format, const InspectOptions& options) {
  const TaggedText data = read_tagged_text(files, {.format = format, .need_tags = false});
  std::map<std::string, int64_t> tags;
  WordCounts tokens;
  for (int64_t i = 0; i < data.size(); ++i) {
    const Loaded<TaggedSentence> sentence = data.load(i);
    tokens.total += std::ssize(sentence->tokens);
    tokens.most = std::max<int64_t>(tokens.most, std::ssize(sentence->tokens));
    for (const std::string& tag : sentence->tags) ++tags[tag];
  }
  const LabelStatistics found = label_statistics("tag", std::move(tags));
  if (options.json) {
    Json json{{"kind", "tagged"},
              {"paths", data.files},
              {"sentences", data.size()},
              {"tokens", tokens.total},
              {"longest", tokens.most}};
    if (data.tagged) json["labels"] = Json::array({classes_json(found)});
    json["notes"] = data.notes;
    return print(json_line(json));
  }
  Facts facts;
  facts.add("tagged text", harmless(listed_files(data.files)));
  facts.add("sentences", thousands(data.size()));
  print_words(facts, "tokens", tokens, data.size());
  facts.add("tags", data.tagged ? classes_text(found) : "none");
  add_notes(facts, data.notes);
  print(facts.text());
}

}  // namespace recur::cli
