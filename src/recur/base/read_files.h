// Which files this process has read, so that no command replaces one of them, be it named on the command line, by a
// list or found in a folder.
#pragma once

#include <filesystem>

struct stat;

namespace recur {

// Of a file opened for reading; one that is not regular, such as a pipe, is not kept. For any thread.
void note_read(const struct stat& status);

// Whether the file at the path, links seen through, has been read. A path without a file has not.
bool has_been_read(const std::filesystem::path& path);

}  // namespace recur
