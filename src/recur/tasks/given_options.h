// Which options were given.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "recur/base/config.h"

namespace recur {

// The keys of the options that `is_meant` accepts and that differ from `usual`: those of the model that training begins
// from, or the defaults.
template <class Options, class IsMeant>
std::vector<std::string> given_options(Options options, Options usual, IsMeant&& is_meant) {
  const Config own(options), other(usual);
  std::vector<std::string> keys;
  for (size_t i = 0; i < own.fields().size(); ++i) {
    const ConfigField& field = own.fields()[i];
    if (is_meant(field) && field.value_text() != other.fields()[i].value_text()) keys.push_back(field.key);
  }
  return keys;
}

}  // namespace recur
