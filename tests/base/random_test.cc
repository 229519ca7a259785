#include "recur/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/threads.h"

namespace recur {
namespace {

using Words = std::array<uint32_t, 4>;

// The generator written a second time from the paper's definition, one round at a time, with the key schedule in
// closed form.
Words philox_by_definition(Words x, std::array<uint32_t, 2> key) {
  for (uint32_t round = 0; round < 10; ++round) {
    const uint32_t k0 = key[0] + round * 0x9E3779B9u, k1 = key[1] + round * 0xBB67AE85u;
    const uint64_t a = static_cast<uint64_t>(x[0]) * 0xD2511F53u, b = static_cast<uint64_t>(x[2]) * 0xCD9E8D57u;
    x = Words{static_cast<uint32_t>(b >> 32) ^ x[1] ^ k0, static_cast<uint32_t>(b & 0xffffffffu),
              static_cast<uint32_t>(a >> 32) ^ x[3] ^ k1, static_cast<uint32_t>(a & 0xffffffffu)};
  }
  return x;
}

uint32_t word_by_definition(uint64_t seed, uint64_t stream, uint64_t position) {
  const uint64_t block = position / 4;
  return philox_by_definition({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                               static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)},
                              {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)})[position % 4];
}

class ThreadsRestored : public testing::Test {
 protected:
  ~ThreadsRestored() override { set_threads(before_); }
  int before_ = threads();
};
using RandomBulk = ThreadsRestored;

// The known answers published with the Random123 library.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, IsTheGeneratorOfItsDefinitionAtEveryPosition) {
  Random random(0x123456789abcdefull, 0xfedcba9876543210ull);
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(random.bits(), word_by_definition(0x123456789abcdefull, 0xfedcba9876543210ull, i));
  }
  random.skip((uint64_t{1} << 40) - 97);
  EXPECT_EQ(random.bits(), word_by_definition(0x123456789abcdefull, 0xfedcba9876543210ull, (uint64_t{1} << 40) + 3));
}

TEST(Random, GoesOnExactlyFromAStateWrittenAsText) {
  Random random(7, 3);
  random.bits();
  random.normal();
  random.uniform64();
  Random resumed(Random::State::from_string(random.state().to_string()));
  EXPECT_EQ(resumed.state(), random.state());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(resumed.bits(), random.bits());
    EXPECT_EQ(resumed.normal(), random.normal());
    EXPECT_EQ(resumed.below(1000), random.below(1000));
  }
  const auto state = random.state();
  const uint32_t next = random.bits();
  random.set_state(state);
  EXPECT_EQ(random.bits(), next);
}

TEST(Random, RefusesMalformedStates) {
  for (const char* bad : {"", "philox4x32-10", "philox4x32-10:1:2", "philox4x32-10:1:2:3:4", "philox4x32-10:1:2:-3",
                          "philox4x32-10:1:2:18446744073709551616", "mt19937:1:2:3", "philox4x32-10:1:2:"}) {
    EXPECT_THROW(Random::State::from_string(bad), Error) << bad;
  }
}

TEST(Random, StreamsAndSeedsDiffer) {
  std::set<uint64_t> firsts;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (uint64_t stream = 0; stream < 20; ++stream) {
      Random random(seed, stream);
      const uint64_t high = random.bits();
      firsts.insert(high << 32 | random.bits());
    }
  }
  EXPECT_EQ(firsts.size(), 400u);
}

TEST(Random, BelowIsUniformAndWithinBounds) {
  Random random(1);
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
  EXPECT_EQ(random.below(1), 0u);
  for (int i = 0; i < 100; ++i) EXPECT_LT(random.below((uint64_t{1} << 63) + 1), (uint64_t{1} << 63) + 1);
  EXPECT_THROW(random.below(0), Error);
}

TEST(Random, ShuffleKeepsTheElementsAndReachesEveryOrder) {
  Random random(5);
  std::set<std::vector<int>> orders;
  for (int i = 0; i < 300; ++i) {
    std::vector<int> values{0, 1, 2, 3};
    random.shuffle(std::span<int>(values));
    orders.insert(values);
    std::sort(values.begin(), values.end());
    EXPECT_EQ(values, (std::vector<int>{0, 1, 2, 3}));
  }
  EXPECT_EQ(orders.size(), 24u);
}

TEST(Random, UniformsAndNormalsHaveTheirMoments) {
  Random random(11);
  constexpr int kCount = 200000;
  double uniform_sum = 0, sum = 0, squares = 0, fourth = 0, product = 0;
  for (int i = 0; i < kCount; ++i) {
    const float u = random.uniform();
    EXPECT_TRUE(u >= 0.0f && u < 1.0f);
    uniform_sum += u;
    const double a = random.normal();
    sum += a, squares += a * a, fourth += a * a * a * a, product += a * u;
  }
  EXPECT_NEAR(uniform_sum / kCount, 0.5, 0.004);
  EXPECT_NEAR(sum / kCount, 0.0, 0.012);
  EXPECT_NEAR(squares / kCount, 1.0, 0.02);
  EXPECT_NEAR(fourth / kCount, 3.0, 0.15);
  EXPECT_NEAR(product / kCount, 0.0, 0.01);  // a normal tells nothing about the uniform drawn before it
}

TEST_F(RandomBulk, IsTheSequenceOfSingleDrawsFromAnyPosition) {
  for (const uint64_t start : {0, 1, 2, 3, 5, 63, 64}) {
    for (const size_t n : {0, 1, 2, 3, 4, 63, 64, 65, 300}) {
      Random bulk(99, 4), single(99, 4);
      bulk.skip(start), single.skip(start);
      std::vector<float> values(n);
      bulk.uniform(values);
      for (const float value : values) EXPECT_EQ(value, single.uniform());
      bulk.normal(values);
      for (const float value : values) EXPECT_EQ(value, single.normal());
      EXPECT_EQ(bulk.state(), single.state());
      bulk.bernoulli_mask(values, 0.75f);
      for (const float value : values) EXPECT_EQ(value, single.bits() < 0xC0000000u ? 1.0f / 0.75f : 0.0f);
    }
  }
}

TEST_F(RandomBulk, IsTheSameForAnyNumberOfThreads) {
  constexpr size_t kCount = 300001;
  std::vector<float> one[3], many[3];
  for (auto* all : {&one, &many}) {
    set_threads(all == &one ? 1 : 4);
    Random random(42);
    random.skip(3);
    for (auto& values : *all) values.resize(kCount);
    random.uniform((*all)[0]);
    random.normal((*all)[1]);
    random.bernoulli_mask((*all)[2], 0.5f);
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(one[i], many[i]);
}

TEST_F(RandomBulk, MaskKeepsItsShareAndItsExpectation) {
  Random random(8);
  std::vector<float> mask(100000);
  random.bernoulli_mask(mask, 0.8f);
  EXPECT_NEAR(std::accumulate(mask.begin(), mask.end(), 0.0) / 100000, 1.0, 0.01);
  for (const float value : mask) EXPECT_TRUE(value == 0.0f || value == 1.0f / 0.8f);
  for (const float keep : {0.0f, 1.0f}) {
    const auto before = random.state().position;
    random.bernoulli_mask(mask, keep);
    EXPECT_EQ(mask, std::vector<float>(mask.size(), keep));
    EXPECT_EQ(random.state().position, before + mask.size());
  }
  EXPECT_THROW(random.bernoulli_mask(mask, 1.5f), Error);
  EXPECT_THROW(random.bernoulli_mask(mask, std::nanf("")), Error);
}

}  // namespace
}  // namespace recur
