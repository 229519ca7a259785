// Sequences out of a text, and short names for what tests look at.
#pragma once

#include <string>
#include <vector>

#include "recur/data/sequences/read_sequences.h"

namespace recur {

inline SequenceSet sequences_of(const std::string& name, std::string text, const SequenceOptions& options = {}) {
  const std::vector<DataFile> files{DataFile::from_memory(name, std::move(text))};
  return read_sequences(files, options);
}

inline std::vector<std::string> channel_names(const SequenceSet& set) {
  std::vector<std::string> names;
  for (const Channel& channel : set.channels) names.push_back(channel.name);
  return names;
}

inline std::vector<std::string> ids(const SequenceSet& set) {
  std::vector<std::string> out;
  for (const Sequence& s : set.sequences) out.push_back(s.id);
  return out;
}

// The first label of every sequence.
inline std::vector<std::string> labels(const SequenceSet& set) {
  std::vector<std::string> out;
  for (const Sequence& s : set.sequences) out.push_back(s.labels.at(0));
  return out;
}

}  // namespace recur
