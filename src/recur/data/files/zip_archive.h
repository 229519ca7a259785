// The files of a zip archive such as NumPy's .npz: stored or deflated, below 4 GB.
#pragma once

#include <string>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

struct ZipMember {
  std::string name;
  std::string content;
};

// All members, in the order of the directory. Throws Error for archives that are damaged, encrypted or in several
// parts, and when the members are more than max_bytes together.
std::vector<ZipMember> read_zip(const DataFile& file, size_t max_bytes);

}  // namespace recur
