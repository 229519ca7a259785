#include "recur/base/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace recur {
namespace {

constexpr std::array<std::string_view, 6> kKnown{"hidden", "layers", "dropout", "lr", "clip", "train"};

TEST(Nearest, FindsWhatASlipMeant) {
  EXPECT_EQ(nearest("hiden", kKnown), "hidden");     // a letter missing
  EXPECT_EQ(nearest("layerss", kKnown), "layers");   // one too many
  EXPECT_EQ(nearest("dropuot", kKnown), "dropout");  // two swapped
  EXPECT_EQ(nearest("trein", kKnown), "train");      // one wrong
  EXPECT_EQ(nearest("Hidden", kKnown), "hidden");    // case
  EXPECT_EQ(nearest("rl", kKnown), "lr");
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("optimizer", kKnown), std::nullopt);
  EXPECT_EQ(nearest("x", kKnown), std::nullopt);
  EXPECT_EQ(nearest("", kKnown), std::nullopt);
  EXPECT_EQ(nearest("hidden", {}), std::nullopt);
}

TEST(Nearest, PrefersTheNearerAndThenTheFirst) {
  constexpr std::array<std::string_view, 3> words{"banana", "bandana", "bananas"};
  EXPECT_EQ(nearest("bandan", words), "bandana");
  EXPECT_EQ(nearest("bananaX", words), "banana");
  EXPECT_EQ(nearest("a", std::array<std::string_view, 1>{"ab"}), "ab");
}

TEST(DidYouMean, EndsAMessage) {
  EXPECT_EQ(did_you_mean("hiden", kKnown), "; did you mean 'hidden'?");
  EXPECT_EQ(did_you_mean("zzz", kKnown), "");
}

}  // namespace
}  // namespace recur
