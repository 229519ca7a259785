#include "recur/data/read_ahead.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/support/throws.h"

namespace recur::internal {
namespace {

using namespace std::chrono_literals;

TEST(ReadAhead, GivesItemsInTheirOrder) {
  int count = 0;
  ReadAhead<int> ahead(3, [&](const std::atomic<bool>&) { return count++; });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(ahead.next(), i);
}

TEST(ReadAhead, MakesNoMoreThanItMay) {
  std::atomic<int> made = 0;
  ReadAhead<int> ahead(3, [&](const std::atomic<bool>&) { return made++; });
  ahead.next();
  for (int i = 0; i < 100 && made < 4; ++i) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(made, 4);
}

TEST(ReadAhead, ThrowsWhatWasThrownBehindTheItemsBeforeIt) {
  int count = 0;
  ReadAhead<int> ahead(5, [&](const std::atomic<bool>&) {
    if (count == 3) fail("the third is missing");
    return count++;
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ahead.next(), i);
  EXPECT_ERROR(ahead.next(), "the third is missing");
  EXPECT_ERROR(ahead.next(), "the third is missing");
}

TEST(ReadAhead, EndsAtOnceInTheMiddleOfAnItem) {
  std::atomic<bool> begun = false;
  const auto start = std::chrono::steady_clock::now();
  {
    ReadAhead<int> ahead(1, [&](const std::atomic<bool>& stopping) {
      begun = true;
      while (!stopping) std::this_thread::sleep_for(1ms);
      return 0;
    });
    while (!begun) std::this_thread::sleep_for(1ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
}

TEST(ReadAhead, EndsWhileItWaitsForRoom) {
  ReadAhead<int> ahead(1, [](const std::atomic<bool>&) { return 1; });
  EXPECT_EQ(ahead.next(), 1);
}

}  // namespace
}  // namespace recur::internal
