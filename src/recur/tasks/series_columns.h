// Holding later data to the columns that a model was trained on.
#pragma once

#include <string>
#include <vector>

#include "recur/data/sequence_set.h"

namespace recur {

std::vector<std::string> channel_names(const SequenceSet& set);

// Throws Error, naming the files, when the set has other channels or static columns than these.
void check_same_columns(const SequenceSet& set, const std::vector<std::string>& channels,
                        const std::vector<std::string>& statics);

}  // namespace recur
