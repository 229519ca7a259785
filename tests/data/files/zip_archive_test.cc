#include "recur/data/files/zip_archive.h"

#include <gtest/gtest.h>

#include "tests/data/zip_of.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

std::vector<ZipMember> members(std::string bytes, size_t most = 1 << 20) {
  return read_zip(DataFile::from_memory("a.zip", std::move(bytes)), most);
}

TEST(ZipArchive, GivesStoredAndDeflatedMembers) {
  const std::string longer(1000, 'x');
  for (const bool deflate : {false, true}) {
    const auto got = members(zip_of({{"a.txt", "content"}, {"empty", ""}, {"b", longer}}, deflate));
    ASSERT_EQ(got.size(), 3U);
    EXPECT_EQ(got[0].name, "a.txt");
    EXPECT_EQ(got[0].content, "content");
    EXPECT_EQ(got[1].content, "");
    EXPECT_EQ(got[2].content, longer);
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

TEST(ZipArchive, LimitsWhatItUnpacks) {
  EXPECT_ERROR(members(zip_of({{"a", std::string(5000, '0')}}, true), 4999),
               "a.zip/a: 5000 bytes unpacked are too many");
  EXPECT_ERROR(members(zip_of({{"a", std::string(300, '0')}, {"b", std::string(300, '0')}}, true), 500), "a.zip/b");
  std::string bytes = zip_of({{"a", std::string(5000, '0')}}, true);
  bytes[bytes.rfind("PK\1\2") + 24] = 10;  // says that it unpacks to less than it does
  EXPECT_ERROR(members(bytes), "a.zip/a: its compressed data are damaged");
}

}  // namespace
}  // namespace recur
