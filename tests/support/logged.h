// What the library logs while it lives.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/base/log.h"

namespace recur::testing {

class Logged {
 public:
  Logged()
      : before_(set_log_sink([this](LogLevel level, std::string_view text) {
          lines.emplace_back(text);
          (level == LogLevel::kWarning ? warnings : notes).emplace_back(text);
        })) {}
  Logged(const Logged&) = delete;
  Logged& operator=(const Logged&) = delete;
  ~Logged() { set_log_sink(std::move(before_)); }

  std::vector<std::string> lines, warnings, notes;

 private:
  LogSink before_;
};

}  // namespace recur::testing
