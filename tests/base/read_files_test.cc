#include "recur/base/read_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "recur/base/file.h"
#include "recur/data/files/data_file.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using testing::Scratch;

TEST(ReadFiles, AreKnownByWhateverNameAndHoweverTheyWereRead) {
  const Scratch scratch;
  const auto mapped = scratch.put("mapped", "a"), whole = scratch.put("whole", "b"),
             stream = scratch.put("stream", "c");
  const auto other = scratch.put("other", "d");
  std::filesystem::create_symlink(mapped, scratch / "link");
  EXPECT_FALSE(has_been_read(mapped));
  const MappedFile map(mapped);
  read_file(whole);
  DataFile(stream.string()).open();
  EXPECT_TRUE(has_been_read(mapped));
  EXPECT_TRUE(has_been_read(scratch / "link"));
  EXPECT_TRUE(has_been_read(whole));
  EXPECT_TRUE(has_been_read(stream));
  EXPECT_FALSE(has_been_read(other));
  EXPECT_FALSE(has_been_read(scratch / "missing"));
}

}  // namespace
}  // namespace recur
