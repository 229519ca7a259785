#include "recur/base/child_process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include "recur/base/error.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using std::chrono::seconds;

TEST(ChildProcess, ReturnsWhatItsWorkDoesAndChangesNothingHere) {
  int touched = 0;
  const std::string long_text(1 << 20, 'x');
  EXPECT_EQ(in_child_process(
                [&] {
                  ++touched;
                  return long_text;
                },
                "work", seconds(20)),
            long_text);
  EXPECT_EQ(touched, 0);
  EXPECT_EQ(in_child_process([] { return std::string(); }, "work", seconds(20)), "");
}

TEST(ChildProcess, ErrorsAndCrashesAreErrors) {
  const auto run = [](auto&& work, int limit) {
    return in_child_process([&]() -> std::string { return work(), ""; }, "file.h5: the library", seconds(limit));
  };
  EXPECT_ERROR(run([] { fail("no {} there", 5); }, 20), "no 5 there");
  EXPECT_ERROR(run([] { ::raise(SIGKILL); }, 20), "file.h5: the library crashed (Killed)");
  EXPECT_ERROR(run([] { ::_exit(0); }, 20), "file.h5: the library failed");
  EXPECT_ERROR(run([] { ::pause(); }, 1), "file.h5: the library takes longer than 1 s");
}

}  // namespace
}  // namespace recur
