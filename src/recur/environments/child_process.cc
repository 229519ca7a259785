#include "recur/environments/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "recur/base/error.h"

extern char** environ;

namespace recur {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kLongestLine = 16 << 20;
constexpr auto kPatience = std::chrono::seconds(1);  // with a program whose input has ended

std::string system_says(int error) { return std::strerror(error); }

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  void duplicate(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

class SpawnAttributes {
 public:
  // A group of its own, no signal blocked, and those that we ignore as usual.
  SpawnAttributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&usual, signal);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }

  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

// Waits until the socket can be read or written; false when the time is over.
bool wait_for(int fd, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd poll_of{fd, events, 0};
    constexpr int64_t kLongest = 1000 * 1000;
    const int ready = ::poll(&poll_of, 1, static_cast<int>(std::clamp<int64_t>(left, 0, kLongest)));
    if (ready > 0) return true;
    if (ready == 0 && Clock::now() >= until) return false;
    if (ready < 0 && errno != EINTR) fail("poll: {}", system_says(errno));
  }
}

Clock::time_point after(ChildProcess::Timeout timeout) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(timeout);
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was ended by signal {}", WTERMSIG(status));
  return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

}  // namespace

std::vector<std::string> command_words(std::string_view command) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote == '\0' && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < command.size()) {
      words.back() += command[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') fail("the command has a quote {} that is not closed", quote);
  return words;
}

ChildProcess::ChildProcess(const std::vector<std::string>& words) {
  if (words.empty()) fail("expected a command, got nothing");
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("socketpair: {}", system_says(errno));
  fd_ = ends[0];
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  FileActions actions;
  actions.duplicate(ends[1], STDIN_FILENO);
  actions.duplicate(ends[1], STDOUT_FILENO);
  const SpawnAttributes attributes;
  const int error = ::posix_spawnp(&pid_, words[0].c_str(), actions.get(), attributes.get(), arguments.data(), environ);
  ::close(ends[1]);
  if (error == 0) return;
  ::close(fd_);
  fail("cannot run '{}': {}", words[0], system_says(error));
}

ChildProcess::~ChildProcess() {
  ::close(fd_);
  wait_or_kill();
}

void ChildProcess::wait_or_kill() {
  if (pid_ < 0) return;
  const auto until = Clock::now() + kPatience;
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_ || (ended < 0 && errno != EINTR)) return;
    if (Clock::now() >= until) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ::kill(-pid_, SIGKILL);
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

// Its output has ended, so it has too, or will at once.
void ChildProcess::fail_of_end() {
  const auto until = Clock::now() + kPatience;
  int status = 0;
  while (Clock::now() < until) {
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      fail("the program {}", how_it_ended(status));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  fail("the program has closed its output");
}

void ChildProcess::send(std::string_view line, Timeout timeout) {
  if (pid_ < 0) fail("the program has ended");
  std::string bytes(line);
  bytes += '\n';
  const auto until = after(timeout);
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      sent += static_cast<size_t>(n);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      fail_of_end();
    } else if (errno == EAGAIN) {
      if (!wait_for(fd_, POLLOUT, until)) fail("the program has not read its input for {:g} s", timeout.count());
    } else if (errno != EINTR) {
      fail("the program's input: {}", system_says(errno));
    }
  }
}

std::string ChildProcess::receive(Timeout timeout) {
  if (pid_ < 0) fail("the program has ended");
  const auto until = after(timeout);
  size_t looked = 0;
  for (;;) {
    if (const size_t end = unread_.find('\n', looked); end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    looked = unread_.size();
    if (looked > kLongestLine) fail("the program's answer is longer than {} MB", kLongestLine >> 20);
    if (!wait_for(fd_, POLLIN, until)) fail("no answer within {:g} s", timeout.count());
    char block[1 << 16];
    const ssize_t n = ::recv(fd_, block, sizeof block, 0);
    if (n > 0) {
      unread_.append(block, static_cast<size_t>(n));
    } else if (n == 0 || errno == ECONNRESET) {
      fail_of_end();
    } else if (errno != EINTR) {
      fail("the program's output: {}", system_says(errno));
    }
  }
}

}  // namespace recur
