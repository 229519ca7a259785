// Rows of predictions as text.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "recur/tasks/sink.h"

namespace recur::cli {

using TextWriter = std::function<void(std::string_view text)>;

// CSV with a header (RFC 4180, lines end with \n), or an object a line. Numbers in CSV are the shortest text that
// reads as the same number.
std::unique_ptr<Sink> make_row_writer(TextWriter write, bool json);

}  // namespace recur::cli
