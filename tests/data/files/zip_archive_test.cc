#include "recur/data/files/zip_archive.h"

#include <gtest/gtest.h>

#include "tests/data/zip_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

struct Member {
  std::string name, content;
};

std::vector<Member> members(std::string bytes, size_t most_in_memory = 1 << 20) {
  std::vector<Member> out;
  for (const DataFile& file : zip_members(DataFile::from_memory("a.zip", std::move(bytes)), most_in_memory)) {
    out.push_back({file.name(), file.content(1 << 20)});
  }
  return out;
}

TEST(ZipArchive, GivesStoredAndDeflatedMembers) {
  const std::string longer(1000, 'x');
  for (const bool deflate : {false, true}) {
    for (const size_t most_in_memory : {0, 1 << 20}) {
      const auto got = members(zip_of({{"a.txt", "content"}, {"empty", ""}, {"b", longer}}, deflate), most_in_memory);
      ASSERT_EQ(got.size(), 3U);
      EXPECT_EQ(got[0].name, "a.zip/a.txt");
      EXPECT_EQ(got[0].content, "content");
      EXPECT_EQ(got[1].content, "");
      EXPECT_EQ(got[2].content, longer);
    }
  }
  EXPECT_TRUE(members(zip_of({}, false)).empty());
}

TEST(ZipArchive, RefusesEveryTruncation) {
  const std::string bytes = zip_of({{"a", "some content"}}, true);
  for (size_t length = 0; length < bytes.size() - 2; ++length) {
    EXPECT_THROW(members(bytes.substr(0, length)), Error) << length;
  }
}

TEST(ZipArchive, SurvivesEveryChangedByte) {
  const std::string bytes = zip_of({{"a", "some content"}, {"b", "more"}}, true);
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int value : {0, 255, 128}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(value);
      try {
        members(changed);
      } catch (const Error&) {
      }
    }
  }
}

TEST(ZipArchive, HoldsMembersToTheSizeTheDirectorySays) {
  for (const int size : {10, 255}) {  // of 5000, which is 0x1388
    std::string bytes = zip_of({{"a", std::string(5000, '0')}}, true);
    bytes[bytes.rfind("PK\1\2") + 24] = static_cast<char>(size);
    EXPECT_ERROR(members(bytes), "a.zip/a: its compressed data are damaged");
  }
}

TEST(ZipArchive, OpensMembersAfterTheFileIsGone) {
  std::vector<DataFile> files = zip_members(DataFile::from_memory("a.zip", zip_of({{"a", "content"}}, true)), 0);
  const DataFile file = files[0];
  files.clear();
  EXPECT_EQ(file.content(100), "content");
  EXPECT_EQ(file.content(100), "content");
}

}  // namespace
}  // namespace recur
