// Pipes: what can be read once.
#pragma once

#include <string>

namespace recur {

// Whether the name is that of a pipe: a FIFO, "<(...)" of a shell.
bool is_pipe(const std::string& name);

}  // namespace recur
