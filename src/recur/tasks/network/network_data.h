// Sequences for an imported network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/data/sequences/sequence_set.h"
#include "recur/tasks/network/network_options.h"
#include "recur/tasks/trained.h"

namespace recur {

// The files' sequences: `inputs` channels, and those of target_columns. Of a table without id_column or layout, each
// row is a step; where the number of its columns is that of the channels, all are channels. Throws Error for any other
// number of channels, naming them.
SequenceSet read_network(const DataFiles& files, const NetworkUseOptions& options, int64_t inputs);

struct NetworkSteps {
  std::vector<float> inputs;   // [T, F]
  std::vector<float> targets;  // [T, O], or empty
};
// The steps of a sequence, apart. `vocabulary`: the inputs are numbers of symbols below it; 0: any. Throws Error,
// naming the step, where an input is missing or is no symbol.
NetworkSteps load_network(const SequenceSet& set, int64_t i, const std::vector<std::string>& targets,
                          int64_t vocabulary);

// What the input of a step has to be: finite, or the number of a symbol. `place` begins the message.
void check_input(std::span<const float> step, int64_t vocabulary, const std::string& place);

}  // namespace recur
