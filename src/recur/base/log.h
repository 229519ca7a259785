// Log messages of the library. They go to a sink that the program sets; by default nowhere.
#pragma once

#include <fmt/core.h>

#include <functional>
#include <string_view>
#include <utility>

namespace recur {

enum class LogLevel { kInfo, kWarning };

using LogSink = std::function<void(LogLevel, std::string_view)>;

// Sets where messages go, an empty function for nowhere; gives back the one before. Messages come from any thread, one
// at a time.
LogSink set_log_sink(LogSink sink);

namespace internal {
void log(LogLevel level, fmt::string_view format, fmt::format_args args);
}

// log_info("{}: skipped, it is not text", path): a message in fmt's syntax, without a line end.
template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  internal::log(LogLevel::kInfo, format, fmt::make_format_args(args...));
}

template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  internal::log(LogLevel::kWarning, format, fmt::make_format_args(args...));
}

}  // namespace recur
