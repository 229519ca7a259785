// The exceptions of the library: what bad input, bad files and bad arguments are reported with.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace recur {

// Something asked for cannot be done: a file that cannot be read, shapes that do not fit, a loss that became NaN.
// The message names file, line and column, or the op, its argument, what was expected and what was got.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The request itself is malformed: an unknown option, task or key. The program exits with 2 for it, with 1 for Error.
class UsageError : public Error {
 public:
  using Error::Error;
};

// Throws Error with a message in fmt's syntax: fail("matmul: b: expected {} rows, got {}", k, rows).
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

// The same for UsageError.
template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> format, Args&&... args) {
  throw UsageError(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace recur
