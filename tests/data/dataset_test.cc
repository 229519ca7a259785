#include "recur/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace recur {
namespace {

using ::testing::ElementsAre;

DatasetPtr<std::string> words() { return memory_dataset<std::string>({"a", "bb", "ccc", "dddd"}, {1, 2, 3, 4}); }

TEST(Dataset, RefersToExamplesInMemory) {
  const auto data = words();
  Random random(1);
  EXPECT_TRUE(data->in_memory());
  EXPECT_EQ(data->size(), 4);
  EXPECT_EQ(data->length(2), 3);
  const auto once = data->load(2, random), again = data->load(2, random);
  EXPECT_EQ(*once, "ccc");
  EXPECT_EQ(&*once, &*again);
  EXPECT_THAT(lengths_of(*data), ElementsAre(1, 2, 3, 4));
}

TEST(Dataset, MakesExamplesByAFunction) {
  const auto data = function_dataset<std::string>(
      {5, 6},
      [](int64_t i, Random& random) {
        return std::string(static_cast<size_t>(i + 1), random.below(2) == 0 ? 'x' : 'y');
      },
      false);
  Random random(1), same(1);
  EXPECT_FALSE(data->in_memory());
  EXPECT_THAT(lengths_of(*data), ElementsAre(5, 6));
  EXPECT_EQ(*data->load(1, random), *data->load(1, same));
  EXPECT_TRUE(data->load(0, random).owned());
}

TEST(Dataset, SubsetsHaveTheirOwnOrder) {
  const auto part = subset<std::string>(words(), {3, 0});
  Random random(1);
  EXPECT_EQ(part->size(), 2);
  EXPECT_EQ(part->length(0), 4);
  EXPECT_EQ(*part->load(1, random), "a");
  EXPECT_TRUE(part->in_memory());
  EXPECT_EQ(*subset<std::string>(part, {1})->load(0, random), "a");
}

TEST(Dataset, TransformsExamplesOnTheirWay) {
  const auto sizes = transformed<size_t, std::string>(words(), [](const std::string& word, Random& random) {
    return word.size() * 10 + static_cast<size_t>(random.below(1));
  });
  Random random(1);
  EXPECT_EQ(*sizes->load(2, random), 30u);
  EXPECT_EQ(sizes->length(2), 3);
  EXPECT_TRUE(sizes->in_memory());
}

}  // namespace
}  // namespace recur
