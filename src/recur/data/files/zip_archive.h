// The files of a zip archive such as NumPy's .npz: stored or deflated, below 4 GB.
#pragma once

#include <cstddef>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

// All members, in the order of the directory; each is called "archive/member" and can be opened as long as the file or
// a copy of it lives. Archives of more than `most_in_memory` bytes are kept in a scratch file, and members are unpacked
// as they are read. Throws Error for archives that are damaged, encrypted or in several parts; opening and reading a
// member does for what is damaged in it.
std::vector<DataFile> zip_members(const DataFile& file, size_t most_in_memory);

}  // namespace recur
