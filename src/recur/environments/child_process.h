// Another program that is talked to line by line, by its standard input and output. Its standard error is ours.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/base/program.h"

namespace recur {

// The words of a command: separated by spaces, with '...' and "..." around what has some, and \ before a character that
// stands for itself. Nothing else is special: there is no shell. Throws Error for a quote that is not closed.
std::vector<std::string> command_words(std::string_view command);

// When the object goes, the program sees the end of its input; one that has not ended a second later is killed.
class ChildProcess {
 public:
  // words[0] is looked for in PATH. Throws Error when it cannot be run.
  explicit ChildProcess(const std::vector<std::string>& words);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  using Timeout = Program::Time;
  // Sends the line and a line end. Throws Error when the program has ended, or does not read within the time.
  void send(std::string_view line, Timeout timeout);
  // The next line, of at most 16 MB, without its end. Throws Error when there is none within the time, or the program
  // has ended; the message says how.
  std::string receive(Timeout timeout);

 private:
  [[noreturn]] void fail_of_end();

  int fd_ = -1;  // both ways
  std::optional<Program> program_;
  std::string unread_;
};

}  // namespace recur
