#include "recur/environments/child_process.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "recur/base/error.h"

namespace recur {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kLongestLine = 16 << 20;
constexpr Program::Time kPatience{1};  // with a program whose output has ended

std::string system_says(int error) { return std::strerror(error); }

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
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("socketpair: {}", system_says(errno));
  fd_ = ends[0];
  try {
    program_.emplace(words, Program::Ends{.input = ends[1], .output = ends[1]});
  } catch (const Error&) {
    ::close(ends[1]);
    ::close(fd_);
    throw;
  }
  ::close(ends[1]);
}

ChildProcess::~ChildProcess() { ::close(fd_); }

// Its output has ended, so it has too, or will at once.
void ChildProcess::fail_of_end() {
  if (program_->ends_within(kPatience)) fail("the program {}", program_->how_it_ended());
  fail("the program has closed its output");
}

void ChildProcess::send(std::string_view line, Timeout timeout) {
  if (program_->has_ended()) fail("the program has ended");
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
  if (program_->has_ended()) fail("the program has ended");
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
