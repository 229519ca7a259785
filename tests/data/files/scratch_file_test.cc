#include "recur/data/files/scratch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <numeric>

#include "tests/data/files/environment.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

std::vector<std::byte> counted_bytes(size_t count) {
  std::vector<std::byte> bytes(count);
  for (size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::byte>(i * 7 % 251);
  return bytes;
}

TEST(ScratchFile, GivesBackWhatWasAppendedFromAnyPlace) {
  const std::vector<std::byte> bytes = counted_bytes(5'000'000);  // several buffers, and pieces longer than one
  ScratchFile file("test");
  size_t done = 0;
  for (const size_t piece : {size_t{1}, size_t{70'000}, size_t{3'000'000}, size_t{0}, bytes.size()}) {
    const size_t count = std::min(piece, bytes.size() - done);
    file.append(std::span(bytes).subspan(done, count));
    done += count;
    EXPECT_EQ(file.size(), static_cast<int64_t>(done));
  }
  file.flush();
  for (const size_t at : {size_t{0}, size_t{70'000}, size_t{4'999'990}}) {
    std::vector<std::byte> out(10);
    file.read(static_cast<int64_t>(at), out);
    EXPECT_TRUE(std::ranges::equal(out, std::span(bytes).subspan(at, 10)));
  }
  std::vector<std::byte> all(bytes.size());
  file.read(0, all);
  EXPECT_EQ(all, bytes);
}

TEST(ScratchFile, GrowsAfterItWasRead) {
  ScratchFile file("test");
  file.append(counted_bytes(10));
  file.flush();
  file.append(counted_bytes(5));
  file.flush();
  std::vector<std::byte> out(5);
  file.read(10, out);
  EXPECT_EQ(out, counted_bytes(5));
}

TEST(ScratchFile, LeavesNothingInItsFolder) {
  const testing::Scratch folder;
  const Environment temporary("TMPDIR", folder.folder());
  ScratchFile file("test");
  file.append(counted_bytes(2 << 20));
  EXPECT_TRUE(std::filesystem::is_empty(folder.folder()));
}

TEST(ScratchFile, SaysWhatCannotBeKeptAndWhere) {
  EXPECT_ERROR(ScratchFile("corpus: cannot keep the symbols", "/nowhere"),
               "corpus: cannot keep the symbols in a scratch file in /nowhere: No such file or directory (TMPDIR names "
               "another folder)");
}

// A limit on the size of files stands for a full disk: both are an error of write().
TEST(ScratchFile, SaysThatTheDiskIsFull) {
  ::rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const ::rlimit small{.rlim_cur = 1 << 20, .rlim_max = before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  ScratchFile file("test: cannot keep bytes");
  EXPECT_ERROR(file.append(counted_bytes(3 << 20)), "test: cannot keep bytes in a scratch file in");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
}

TEST(ScratchFile, ReadingBehindItsEndIsAnError) {
  ScratchFile file("test");
  file.append(counted_bytes(10));
  file.flush();
  std::vector<std::byte> out(5);
  EXPECT_ERROR(file.read(8, out), "test in a scratch file");
}

}  // namespace
}  // namespace recur
