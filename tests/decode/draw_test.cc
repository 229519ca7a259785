#include "recur/decode/draw.h"

#include <gtest/gtest.h>

#include "tests/decode/chain.h"

namespace recur {
namespace {

using namespace testing;

// After 0, 0 comes 1 with 3 in 4; after anything else the symbols are as probable as each other.
Chain lopsided() {
  std::vector<double> p(8, 0.5);
  p[0] = 0.25;
  p[1] = 0.75;
  return Chain(2, p);
}

TEST(Draw, FollowsTheProbabilitiesOfTheModel) {
  const Chain chain = lopsided();
  Random random(1);
  int ones = 0;
  for (int i = 0; i < 2000; ++i) {
    draw(chain, {.first = 0, .length = 1}, random, [&](int32_t symbol) {
      ones += symbol;
      return true;
    });
  }
  EXPECT_NEAR(ones / 2000.0, 0.75, 0.03);
}

TEST(Draw, StopsAtTheLengthOrWhenNobodyTakesMore) {
  const Chain chain = lopsided();
  Random random(1);
  int taken = 0;
  draw(chain, {.length = 7}, random, [&](int32_t) { return ++taken > 0; });
  EXPECT_EQ(taken, 7);
  taken = 0;
  draw(chain, {.length = 7}, random, [&](int32_t) { return ++taken < 3; });
  EXPECT_EQ(taken, 3);
  draw(chain, {.length = 0}, random, [&](int32_t) { return ++taken < 100; });
  EXPECT_EQ(taken, 3);
}

TEST(Draw, WithoutTemperatureTakesTheMostProbable) {
  Random random(1);
  std::vector<int32_t> symbols;
  draw(lopsided(), {.length = 2, .sampling = {.temperature = 0}}, random, [&](int32_t symbol) {
    symbols.push_back(symbol);
    return true;
  });
  EXPECT_EQ(symbols, (std::vector<int32_t>{1, 0}));  // of two alike the first
}

}  // namespace
}  // namespace recur
