#include "recur/data/files/stored_bytes.h"

#include <gtest/gtest.h>

namespace recur::internal {
namespace {

TEST(StoredBytes, AreTheSameInMemoryAndOnDisk) {
  std::string content(200'000, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i % 251);
  for (const size_t most : {size_t{0}, size_t{100'000}, content.size()}) {
    const auto stream = DataFile::from_memory("a", content).open();
    const StoredBytes bytes(*stream, most, "test");
    ASSERT_EQ(bytes.size(), content.size());
    std::string out(1000, '\0');
    bytes.read(99'500, out);
    EXPECT_EQ(out, content.substr(99'500, 1000));
    bytes.read(content.size(), std::span<char>());
  }
}

TEST(StoredBytes, MayBeNone) {
  const auto stream = DataFile::from_memory("a", "").open();
  EXPECT_EQ(StoredBytes(*stream, 0, "test").size(), 0u);
}

}  // namespace
}  // namespace recur::internal
