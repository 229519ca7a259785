// JSON for the standard output: keys in the order in which they were added.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace recur::cli {

using Json = nlohmann::ordered_json;

// One line; numbers that are not finite become null, bytes that are not UTF-8 U+FFFD.
inline std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace recur::cli
