// Options of generation that a task has beside those that all have (generation.h).
#pragma once

#include "recur/base/config.h"

namespace recur {

// What a Trained may be, too.
class GenerateFlags {
 public:
  virtual ~GenerateFlags() = default;
  // Adds the options, which belong to this object; before it is shared.
  virtual void declare_generate(Config& config) = 0;
};

}  // namespace recur
