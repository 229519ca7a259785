#include "recur/base/log.h"

#include <mutex>

namespace recur {
namespace {

struct Log {
  std::mutex mutex;
  LogSink sink;
};

Log& instance() {
  static Log log;
  return log;
}

}  // namespace

LogSink set_log_sink(LogSink sink) {
  const std::lock_guard lock(instance().mutex);
  std::swap(instance().sink, sink);
  return sink;
}

void internal::log(LogLevel level, fmt::string_view format, fmt::format_args args) {
  const std::lock_guard lock(instance().mutex);
  if (instance().sink) instance().sink(level, fmt::vformat(format, args));
}

}  // namespace recur
