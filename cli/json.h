// JSON for the standard output: keys in the order in which they were added.
#pragma once

#include <string>

#include "recur/base/json.h"

namespace recur::cli {

// One line; numbers that are not finite become null, bytes that are not UTF-8 U+FFFD.
inline std::string json_line(const Json& json) { return json.dump(BadUtf8::kReplace) + "\n"; }

}  // namespace recur::cli
