#include "recur/train/run_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/train/small_run.h"

namespace recur {
namespace {

using namespace testing;

TEST(RunLock, IsOneProcessesAndSaysWhose) {
  const Scratch scratch;
  {
    const RunLock lock(scratch.folder());
    const std::string holder = "process " + std::to_string(::getpid()) + " since 20";
    EXPECT_ERROR(RunLock(scratch.folder()), "the run is in use by " + holder);
    EXPECT_ERROR(RunLock::check_free(scratch.folder()), holder);
    EXPECT_EQ(read_bytes(scratch / RunLock::kName).find(holder), 0u);
  }
  EXPECT_FALSE(std::filesystem::exists(scratch / RunLock::kName));
  EXPECT_NO_THROW(RunLock::check_free(scratch.folder()));
  EXPECT_NO_THROW(RunLock(scratch.folder()));
}

TEST(RunLock, ThatAKilledProcessLeftLocksNothing) {
  const Scratch scratch;
  const pid_t child = ::fork();
  if (child == 0) {
    new RunLock(scratch.folder());  // never given back
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(std::filesystem::exists(scratch / RunLock::kName));
  EXPECT_NO_THROW(RunLock::check_free(scratch.folder()));
  const RunLock lock(scratch.folder());
  EXPECT_NE(read_bytes(scratch / RunLock::kName).find(std::to_string(::getpid())), std::string::npos);
}

TEST(RunLock, KeepsOthersFromALiveRun) {
  const Scratch scratch;
  write_bytes(scratch / "text.txt", small_text(120));
  Witness witness;
  small_run(scratch / "text.txt", {"steps=3"})->train(scratch / "run", false, witness.context());
  const RunLock lock(scratch / "run");
  EXPECT_ERROR(Run::open(scratch / "run")->resume(), "the run is in use by process");
  EXPECT_ERROR(small_run(scratch / "text.txt", {"steps=3"})->train(scratch / "run", true), "the run is in use by");
  EXPECT_TRUE(std::filesystem::exists(scratch / "run/model.recur"));
}

}  // namespace
}  // namespace recur
