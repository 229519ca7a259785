// The "@name value" lines that .ts and .tsf files begin with. For their sources alone.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/data/files/line_reader.h"

namespace recur::internal {

struct ArchiveHeader {
  std::vector<std::pair<std::string, std::string>> fields;  // names in small letters, in their order, without '@'

  std::string find(std::string_view name) const;  // "" when it is not there
  bool is_true(std::string_view name) const;
};

// Reads up to and with "@data"; comments (#) and empty lines are skipped. Throws Error when there is none.
ArchiveHeader read_archive_header(LineReader& lines);

// Throws Error for a line that is not UTF-8.
void check_utf8(const LineReader& lines, std::string_view line);

// The parts of a line between separators.
void split_at(std::string_view line, char separator, std::vector<std::string_view>& parts);

}  // namespace recur::internal
