// The standard output, with its errors seen: a full disk fails the command, a reader that went away ends it quietly.
#pragma once

#include <string>
#include <string_view>

namespace recur::cli {

// The reader of the standard output is gone; there is nobody left to write for.
struct OutputClosed {};

// Throw OutputClosed, or Error for anything else that goes wrong.
void print(std::string_view text);
void flush_output();

// A message for the person at the terminal, on the standard error output.
void tell(std::string_view line);

bool output_is_terminal();
bool messages_are_terminal();  // the standard error output

}  // namespace recur::cli
