#include "recur/base/base64.h"

#include <gtest/gtest.h>

#include "recur/base/error.h"

namespace recur {
namespace {

// The vectors of RFC 4648, section 10.
TEST(Base64, GivesTheTestVectorsOfItsStandard) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, EveryByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 1000; ++i) {
    bytes += static_cast<char>(i * 37);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
}

TEST(Base64, RefusesOtherText) {
  for (const char* bad : {"Zg=", "Z", "Zm9v\n", "Zg==Zg==", "====", "Z===", "Zm9-", "\xff\xff\xff\xff"}) {
    EXPECT_THROW(base64_decode(bad), Error) << bad;
  }
}

}  // namespace
}  // namespace recur
