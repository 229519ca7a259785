// The files of a zip archive such as NumPy's .npz: stored or deflated, below 4 GB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

// All members, in the order of the directory; each is called "archive/member" and can be opened as long as the file or
// a copy of it lives. Archives of more than `most_in_memory` bytes are kept in a scratch file, and members are unpacked
// as they are read. Throws Error for archives that are damaged, encrypted or in several parts; opening and reading a
// member does for what is damaged in it.
std::vector<DataFile> zip_members(const DataFile& file, size_t most_in_memory);

// A member whose bytes are wanted as they are, though they may look compressed, as numbers can.
struct ZipMember {
  std::string name;                      // within the archive
  uint64_t size = 0;                     // as the directory says
  std::function<std::string()> content;  // all of it; throws Error
};
// The same members. Throws Error where two are called alike, and content() for a member that unpacks to more than 200
// times the archive.
std::vector<ZipMember> raw_zip_members(const DataFile& file, size_t most_in_memory);

}  // namespace recur
