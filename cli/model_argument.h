// Commands whose flags depend on what they are given: the model or run is looked for before the flags are known.
#pragma once

#include <string>

#include "cli/command.h"

namespace recur::cli {

// The model or run: the first word, unless it is a flag; then the first that names something that exists, since others
// may be values of flags; then the first that is no flag; else "".
std::string first_path(const Words& words);

bool wants_help(const Words& words);

}  // namespace recur::cli
