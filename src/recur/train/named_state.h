// States in parts, each under a prefix.
#pragma once

#include <string>

#include "recur/nn/module.h"

namespace recur {

inline void append_state(NamedTensors& to, const std::string& prefix, const NamedTensors& part) {
  for (const NamedTensor& each : part) to.push_back({prefix + each.name, each.value});
}

// Those whose names begin with the prefix, without it.
inline NamedTensors state_part(const NamedTensors& state, const std::string& prefix) {
  NamedTensors part;
  for (const NamedTensor& each : state) {
    if (each.name.starts_with(prefix)) part.push_back({each.name.substr(prefix.size()), each.value});
  }
  return part;
}

}  // namespace recur
