#include "recur/tasks/series_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/value_parts.h"

namespace recur {

std::vector<std::string> channel_names(const SequenceSet& set) {
  std::vector<std::string> names;
  for (const Channel& channel : set.channels) names.push_back(channel.name);
  return names;
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
