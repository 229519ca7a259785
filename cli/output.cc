#include "cli/output.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "recur/base/error.h"

namespace recur::cli {
namespace {

[[noreturn]] void fail_output(int error) {
  if (error == EPIPE) throw OutputClosed{};
  fail("standard output: {}", std::generic_category().message(error));
}

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) fail_output(errno);
}

void flush_output() {
  if (std::fflush(stdout) != 0) fail_output(errno);
}

void tell(std::string_view line) {
  std::string whole(line);
  whole += '\n';
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

bool output_is_terminal() { return isatty(STDOUT_FILENO) == 1; }

bool messages_are_terminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace recur::cli
