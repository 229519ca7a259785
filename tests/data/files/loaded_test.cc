#include "recur/data/files/loaded.h"

#include <gtest/gtest.h>

#include <string>

namespace recur {
namespace {

TEST(Loaded, RefersToWhatIsInMemory) {
  const std::string text = "here";
  const auto loaded = Loaded<std::string>::refer(text);
  EXPECT_EQ(&*loaded, &text);
  EXPECT_FALSE(loaded.owned());
}

TEST(Loaded, KeepsACopyOfItsOwnThatMovesWithIt) {
  Loaded<std::string> first(std::string("read"));
  const Loaded<std::string> second = std::move(first);
  EXPECT_EQ(*second, "read");
  EXPECT_EQ(second->size(), 4u);
  EXPECT_TRUE(second.owned());
}

}  // namespace
}  // namespace recur
