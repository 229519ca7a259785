// Explanations as pictures that people can read.
#pragma once

#include <span>
#include <string>

#include "recur/explain/attribution.h"
#include "recur/tasks/explainable.h"

namespace recur {

struct Explained {
  const ReadRecord& read;
  const Attribution& attribution;
};

// Of texts the tokens, coloured: red moves the score up, blue down. Of series the channels over time, with a map of
// steps and channels below; what follows, such as a forecast, stands behind a dashed line. One under the other.
std::string attribution_svg(std::span<const Explained> records);

// How much each output read of each step of the record: a map [Q, S].
std::string attention_svg(const ReadRecord& read, const AttentionMap& map);

}  // namespace recur
