// What is normal, from a table of the user's: "37 degrees" for a temperature that nobody took.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace recur {

// The columns channel and value of a CSV or TSV file. Throws Error, naming file, line and column, for a value that is
// no number and for a channel that is there twice.
std::map<std::string, float> read_normal_values(const std::filesystem::path& path);

}  // namespace recur
