#include "recur/tasks/series_columns.h"

#include "recur/base/error.h"

namespace recur {

std::vector<std::string> channel_names(const SequenceSet& set) {
  std::vector<std::string> names;
  for (const Channel& channel : set.channels) names.push_back(channel.name);
  return names;
}

void check_same_columns(const SequenceSet& set, const std::vector<std::string>& channels,
                        const std::vector<std::string>& statics) {
  if (channel_names(set) != channels) {
    fail("{}: expected the channels {}, as the model was trained on, got {}", fmt::join(set.files, ", "),
         fmt::join(channels, ", "), fmt::join(channel_names(set), ", "));
  }
  if (set.statics != statics) {
    fail("{}: expected the static columns {}, got {}", fmt::join(set.files, ", "), fmt::join(statics, ", "),
         fmt::join(set.statics, ", "));
  }
}

}  // namespace recur
