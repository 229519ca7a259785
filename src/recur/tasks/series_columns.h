// Checks of columns that all tasks on series share: there are values to train on, and later data have the same columns.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/sequences/sequence_set.h"

namespace recur {

std::vector<std::string> channel_names(const SequenceSet& set);

// What the columns of a set were taken for, and how many sequences of what lengths it has, in words: what a training
// says when it begins.
std::string taken_text(const SequenceSet& set);

// Throws Error, naming the files, when the set has other channels or static columns than these.
void check_same_columns(const SequenceSet& set, const std::vector<std::string>& channels,
                        const std::vector<std::string>& statics);

// Throws Error, naming the files, when none of the sequences with the indices `train` has a value.
void check_has_values(const SequenceSet& set, std::span<const int64_t> train);

}  // namespace recur
