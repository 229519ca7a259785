// Another program, run in a process of its own. Its callers talk to it through descriptors that they give it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace recur {

// The program is in a process group of its own: Ctrl-C at the terminal is for us, and ends it only when we end.
class Program {
 public:
  using Time = std::chrono::duration<double>;
  // Descriptors of this process that become those of the program; below 0: an empty input, our output, our errors.
  struct Ends {
    int input = -1, output = -1, errors = -1;
  };

  // words[0] is looked for in PATH. Throws Error when it cannot be run.
  Program(const std::vector<std::string>& words, const Ends& ends);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  // Waits for a second, then kills the program and what it has started.
  ~Program();

  bool has_ended() const { return status_.has_value(); }
  // Whether it ends within the time.
  bool ends_within(Time time);
  // Of one that has ended: whether its exit code is 0, and "ended with exit code 1".
  bool succeeded() const;
  std::string how_it_ended() const;
  // At once.
  void kill();

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

// Whether a program of this name is in PATH.
bool can_run(const std::string& name);

}  // namespace recur
