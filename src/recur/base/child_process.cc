#include "recur/base/child_process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>

#include "recur/base/error.h"
#include "recur/base/stop.h"

namespace recur {
namespace {

// The first byte of what a child writes.
constexpr char kResult = 'r', kError = 'e';

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close_now(); }
  int get() const { return number_; }
  void close_now() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

void write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(to, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) ::_exit(1);  // the parent has gone
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

std::string read_all(int from) {
  std::string out;
  std::array<char, 1 << 16> part;
  while (true) {
    const ssize_t count = ::read(from, part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return out;
    out.append(part.data(), static_cast<size_t>(count));
  }
}

[[noreturn]] void be_child(const std::function<std::string()>& work, int to, std::chrono::seconds limit) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGSEGV, SIGABRT}) ::signal(signal, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::alarm(static_cast<unsigned>(limit.count()));
  std::string result;
  char kind = kResult;
  try {
    result = work();
  } catch (const std::exception& error) {
    kind = kError;
    result = error.what();
  }
  write_all(to, {&kind, 1});
  write_all(to, result);
  ::_exit(0);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::string in_child_process(const std::function<std::string()>& work, std::string_view what,
                             std::chrono::seconds limit) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("{}: no pipe to a child process: {}", what, std::strerror(errno));
  Descriptor from(ends[0]), to(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) fail("{}: no child process: {}", what, std::strerror(errno));
  if (child == 0) be_child(work, to.get(), limit);
  to.close_now();
  std::string out = read_all(from.get());
  const int status = wait_for(child);
  check_stop();  // Ctrl-C ends the child, too
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) fail("{} takes longer than {} s", what, limit.count());
  if (WIFSIGNALED(status)) fail("{} crashed ({})", what, ::strsignal(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0 || out.empty()) fail("{} failed", what);
  const char kind = out.front();
  out.erase(0, 1);
  if (kind == kError) throw Error(out);
  return out;
}

}  // namespace recur
