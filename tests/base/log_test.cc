#include "recur/base/log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace recur {
namespace {

TEST(Log, GoesToTheSinkAndNowhereWithoutOne) {
  std::vector<std::string> lines;
  auto before = set_log_sink([&](LogLevel level, std::string_view text) {
    lines.push_back((level == LogLevel::kInfo ? "info " : "warning ") + std::string(text));
  });
  log_info("{} of {}", 1, 2);
  log_warning("careful");
  set_log_sink(std::move(before));
  log_info("unheard");
  EXPECT_EQ(lines, (std::vector<std::string>{"info 1 of 2", "warning careful"}));
}

}  // namespace
}  // namespace recur
