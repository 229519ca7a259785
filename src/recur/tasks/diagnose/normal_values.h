// Normal values from a table of the user, such as 37 for a temperature that was not measured.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace recur {

// The columns channel and value of a CSV or TSV file. Throws Error, naming file, line and column, for a value that is
// not a number and for a repeated channel.
std::map<std::string, float> read_normal_values(const std::filesystem::path& path);

}  // namespace recur
