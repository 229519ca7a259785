#include "recur/tasks/series_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/value_parts.h"

namespace recur {
namespace {

std::string or_none(const std::string& name) { return name.empty() ? "none" : name; }

// Dates may stand elsewhere than in a column: in the names of others, or in front of a .tsf file's values.
std::string time_text(const SequenceSet& set) {
  if (set.time_kind != TimeKind::kDate) return or_none(set.columns.time);
  return set.columns.time.empty() ? "dates" : set.columns.time + " (dates)";
}

void add_columns(std::string& out, const char* role, std::span<const std::string> names) {
  constexpr size_t kShown = 12;
  if (!names.empty()) out += fmt::format("; {}: {}", role, listed(names, kShown));
}

}  // namespace

std::vector<std::string> channel_names(const SequenceSet& set) {
  std::vector<std::string> names;
  for (const Channel& channel : set.channels) names.push_back(channel.name);
  return names;
}

std::string taken_text(const SequenceSet& set) {
  int64_t shortest = set.size() == 0 ? 0 : std::numeric_limits<int64_t>::max(), longest = 0;
  for (const Sequence& s : set.sequences) {
    shortest = std::min(shortest, set.length(s));
    longest = std::max(longest, set.length(s));
  }
  std::string out = fmt::format(
      "{}: {} of {}", files_text(set.files), counted(set.size(), "sequence", "sequences"),
      shortest == longest ? counted(longest, "step", "steps") : fmt::format("{} to {} steps", shortest, longest));
  const Columns& columns = set.columns;
  out += fmt::format("; id: {}; time: {}", or_none(columns.id), time_text(set));
  for (const auto& [role, name] : {std::pair(ChannelRole::kValue, "channels"), std::pair(ChannelRole::kPast, "past"),
                                   std::pair(ChannelRole::kFuture, "future")}) {
    std::vector<std::string> channels;
    for (const Channel& channel : set.channels) {
      if (channel.role == role) channels.push_back(channel.name);
    }
    add_columns(out, name, channels);
  }
  add_columns(out, "label", set.labels);
  add_columns(out, "label of each step", columns.step_labels);
  add_columns(out, "static", set.statics);
  add_columns(out, "left out", columns.ignored);
  return out;
}

void check_same_columns(const SequenceSet& set, const std::vector<std::string>& channels,
                        const std::vector<std::string>& statics) {
  if (channel_names(set) != channels) {
    fail("{}: expected the channels of the model, {}, got {}", listed_files(set.files), listed(channels),
         listed(channel_names(set)));
  }
  if (set.statics != statics) {
    fail("{}: expected the static columns of the model, {}, got {}", listed_files(set.files), listed(statics),
         listed(set.statics));
  }
}

void check_has_values(const SequenceSet& set, std::span<const int64_t> train) {
  bool found = false;
  value_parts(set, train)([&](std::span<const float> part) {
    found = found || !std::ranges::all_of(part, [](float value) { return std::isnan(value); });
  });
  if (found) return;
  fail("{}: expected values to train on, but all values of the channels {} are missing", listed_files(set.files),
       listed(channel_names(set)));
}

}  // namespace recur
