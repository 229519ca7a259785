#include "recur/io/data_checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace recur {
namespace {

template <class... Parts>
std::string checksum_of(const Parts&... parts) {
  DataChecksum checksum;
  (checksum.add(parts), ...);
  return checksum.text();
}

using Floats = std::vector<float>;

TEST(DataChecksum, TellsValuesOrderAndBoundariesApart) {
  const std::string one = checksum_of(Floats{1, 2, 3});
  EXPECT_EQ(one, checksum_of(Floats{1, 2, 3}));
  EXPECT_EQ(one.size(), std::string("crc32c:01234567").size());
  EXPECT_NE(one, checksum_of(Floats{1, 3, 2}));
  EXPECT_NE(one, checksum_of(Floats{1, 2, 3.0000002f}));
  EXPECT_NE(one, checksum_of(Floats{1, 2}, Floats{3}));
  EXPECT_NE(one, checksum_of(Floats{1}, Floats{2, 3}));
  EXPECT_NE(one, checksum_of(Floats{1, 2, 3}, Floats{}));
  EXPECT_NE(checksum_of(std::string_view("ab"), std::string_view("c")),
            checksum_of(std::string_view("a"), std::string_view("bc")));
}

}  // namespace
}  // namespace recur
