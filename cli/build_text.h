// What recur --version prints.
#pragma once

#include <string>

namespace recur::cli {

// The version in a line of its own; then the commit, the compiler, the instruction set in use, the libraries.
std::string build_text();

}  // namespace recur::cli
