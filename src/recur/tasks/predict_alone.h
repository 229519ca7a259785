// Options that predict() alone reads.
#pragma once

#include <string_view>

#include "recur/base/error.h"

namespace recur {

// For evaluate(): throws UsageError where an option is set that adds to what predict() writes.
inline void check_left_to_predict(std::string_view key, bool is_set) {
  if (is_set) fail_usage("{}: predict writes it, and evaluate only measures; set it of predict", key);
}

}  // namespace recur
