// Where something was read, for messages: "train.csv:12: column 3 (price)".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recur {

struct Place {
  int32_t file = 0;  // index into the list of files that the data set keeps
  int64_t line = 0;  // from 1; 0: the file has no lines, or the whole file is meant
};

// "train.csv:12", or "train.csv" where there is no line.
std::string place_text(const std::vector<std::string>& files, const Place& place);

}  // namespace recur
