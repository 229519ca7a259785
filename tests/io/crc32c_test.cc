#include "recur/io/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace recur {
namespace {

TEST(Crc32c, HasThePublishedValues) {
  EXPECT_EQ(crc32c(""), 0u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  // RFC 3720, appendix B.4.
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  std::string rising;
  for (int i = 0; i < 32; ++i) rising.push_back(static_cast<char>(i));
  EXPECT_EQ(crc32c(rising), 0x46DD794Eu);
}

TEST(Crc32c, OfPiecesIsThatOfTheWholeWhereverItIsCut) {
  std::string text;
  for (int i = 0; i < 61; ++i) text.push_back(static_cast<char>(i * 37));
  const std::string_view view = text;
  for (std::size_t cut = 0; cut <= view.size(); ++cut) {
    EXPECT_EQ(crc32c(view.substr(cut), crc32c(view.substr(0, cut))), crc32c(view)) << cut;
  }
}

TEST(Crc32c, ChangesWithEveryBit) {
  std::string text = "hidden state of 31 characters..";
  const std::uint32_t original = crc32c(text);
  for (char& c : text) {
    for (int bit = 0; bit < 8; ++bit) {
      c = static_cast<char>(c ^ (1 << bit));
      EXPECT_NE(crc32c(text), original);
      c = static_cast<char>(c ^ (1 << bit));
    }
  }
}

}  // namespace
}  // namespace recur
