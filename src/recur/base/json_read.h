// Reading JSON for who tells a person what is wrong with it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "recur/base/json.h"

namespace recur {

// A document, or why there is none.
struct JsonRead {
  std::optional<Json> document;
  std::string fault;         // in words, where there is no document
  std::size_t byte = 0;      // from 1, where the fault showed
  std::string repeated_key;  // "": no object has a key twice
};

// As parse_json() has it.
JsonRead read_json(std::string_view text, int deepest);

}  // namespace recur
