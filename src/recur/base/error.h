// The exceptions of the library, which report bad input, bad files and bad arguments.
#pragma once

#include <fmt/core.h>

#include <stdexcept>

namespace recur {

// A request cannot be fulfilled: a file that cannot be read, shapes that do not fit, a loss that became NaN.
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

namespace internal {
[[noreturn]] void throw_error(fmt::string_view format, fmt::format_args args);
[[noreturn]] void throw_usage_error(fmt::string_view format, fmt::format_args args);
}  // namespace internal

// Throws Error with a message in fmt's syntax: fail("matmul: b: expected {} rows, got {}", k, rows).
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  internal::throw_error(format, fmt::make_format_args(args...));
}

// The same for UsageError.
template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> format, Args&&... args) {
  internal::throw_usage_error(format, fmt::make_format_args(args...));
}

}  // namespace recur
