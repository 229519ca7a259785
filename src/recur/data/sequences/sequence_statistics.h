// What can be said of sequences without a model.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "recur/data/sequences/sequence_set.h"
#include "recur/data/sequences/time_grid.h"

namespace recur {

struct ChannelStatistics {
  int64_t present = 0, missing = 0;
  double least = 0, mean = 0, greatest = 0;  // of the present values; 0 without any
};

struct LabelStatistics {
  std::string name;
  int64_t present = 0, missing = 0;
  bool numbers = false;                                  // every label is a number
  std::vector<std::pair<std::string, int64_t>> classes;  // the different labels, most frequent first
};

struct SequenceStatistics {
  int64_t steps = 0;  // in all sequences
  int64_t shortest = 0, median = 0, longest = 0;
  double first_time = 0, last_time = 0;  // without times 0
  TimeGrid grid;
  std::vector<ChannelStatistics> channels;  // of SequenceSet::channels
  std::vector<LabelStatistics> labels;      // of SequenceSet::labels, then, if there are any, of the step labels
};
SequenceStatistics sequence_statistics(const SequenceSet& set);

// Of labels that are counted, of which "" is missing.
LabelStatistics label_statistics(std::string name, std::map<std::string, int64_t> counts);

}  // namespace recur
