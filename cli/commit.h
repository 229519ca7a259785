// The commit that the program was built from, "unknown" where nothing says so. The build writes the source of it:
// cmake/commit.cmake.
#pragma once

namespace recur::cli {

const char* commit();

}  // namespace recur::cli
