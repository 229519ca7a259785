#include "recur/data/sequences/value_of.h"

#include <fmt/format.h>

#include "recur/base/counted.h"

namespace recur::internal {

std::string tiny_note(const std::string& place, int64_t count) {
  return fmt::format("{}: {} 0 or nearly so, as {} below 1e-38; to keep {}, write {} in another unit", place,
                     counted(count, "value from here on is", "values from here on are"),
                     count == 1 ? "it is" : "they are", count == 1 ? "it" : "them", count == 1 ? "it" : "them");
}

void TinyValues::note(SequenceSet& set) const {
  if (count_ == 0) return;
  const std::string file = set.files.empty() ? "data" : set.files[0];
  set.notes.push_back(tiny_note(first_ > 0 ? fmt::format("{}:{}", file, first_) : file, count_));
}

void choose_offsets(SequenceSet& set, std::span<const double> values, bool keep_level) {
  const std::string file = set.files.empty() ? "data" : set.files[0];
  const size_t width = set.channels.size();
  for (size_t c = 0; c < width; ++c) {
    DigitLoss loss;
    double before = std::numeric_limits<double>::quiet_NaN();
    for (size_t i = c; i < values.size(); i += width) {
      loss.add(values[i], before);
      before = values[i];
    }
    if (!loss.found()) continue;
    const auto offset = keep_level ? std::nullopt : loss.offset();
    set.notes.push_back(offset_note(file, set.channels[c].name, offset));
    if (!offset) continue;
    set.channels[c].offset = *offset;
    set.columns.offsets.emplace_back(set.channels[c].name, *offset);
  }
}

}  // namespace recur::internal
