// Small sets of records, made in memory, for tests of diagnosis.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "recur/data/sequences/sequence_set.h"

namespace recur::testing {

inline constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

inline SequenceSet record_set(int channels, TimeKind kind = TimeKind::kNumber) {
  SequenceSet set;
  for (int c = 0; c < channels; ++c) set.channels.push_back({.name = std::string(1, static_cast<char>('a' + c))});
  set.time_kind = kind;
  set.files = {"records.csv"};
  return set;
}

inline Sequence& add_record(SequenceSet& set, std::vector<double> times, std::vector<float> values) {
  Sequence& record = set.sequences.emplace_back();
  record.id = "r" + std::to_string(set.sequences.size());
  record.times = std::move(times);
  record.values = std::move(values);
  record.place = {.file = 0, .line = static_cast<int64_t>(set.sequences.size())};
  return record;
}

}  // namespace recur::testing
