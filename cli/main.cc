// The program `recur`. Exit codes: 0 done, 1 failed, 2 wrong usage. An error is one line on the standard error output.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/table.h"
#include "recur/base/error.h"

namespace {

// A message with a path of thousands of characters: its beginning and its end.
std::string bounded(std::string text) {
  constexpr size_t kMost = 1500, kEnd = 500;
  if (text.size() <= kMost) return text;
  const auto is_inside = [&](size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };  // a character
  size_t head = kMost - kEnd, tail = text.size() - kEnd;
  while (head > 0 && is_inside(head)) --head;
  while (tail < text.size() && is_inside(tail)) ++tail;
  return text.substr(0, head) + " [...] " + text.substr(tail);
}

int report(std::string_view message, int code) {
  std::string text = bounded(std::string(message));
  std::ranges::replace(text, '\n', ' ');
  const std::string line = "recur: error: " + recur::cli::harmless(std::move(text)) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return code;
}

// A file that is opened while one of the three standard descriptors is closed takes its number, and would be written
// what goes to the standard output.
void open_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number, which is this one. Opened the wrong way round, so that its use is an error, as before.
    if (::open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY)) != fd) ::_exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
  using namespace recur::cli;
  // A reader that goes away, as in `recur generate RUN | head`, shows as a failed write.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const int code = dispatch(Words(argv + (argc > 0 ? 1 : 0), argv + argc));
    flush_output();
    return code;
  } catch (const OutputClosed&) {
    return kDone;
  } catch (const recur::UsageError& error) {
    return report(error.what(), kWrongUsage);
  } catch (const std::bad_alloc&) {
    return report("out of memory", kFailed);
  } catch (const std::filesystem::filesystem_error& error) {
    return report(error.path1().string() + ": " + error.code().message(), kFailed);
  } catch (const std::exception& error) {
    return report(error.what(), kFailed);
  }
}
