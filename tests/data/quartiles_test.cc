#include "recur/data/quartiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/quantile.h"
#include "recur/base/random.h"

namespace recur {
namespace {

constexpr float kNoValue = std::numeric_limits<float>::quiet_NaN();

std::vector<std::optional<Quartiles>> quartiles_of(int64_t channels, const std::vector<std::vector<float>>& parts) {
  return quartiles(channels, [&](const PartVisitor& visit) {
    for (const auto& part : parts) visit(part);
  });
}

// The same by sorting, of one channel.
void expect_like_sorted(std::vector<float> values) {
  const auto got = quartiles_of(1, {values})[0];
  std::erase_if(values, [](float x) { return std::isnan(x); });
  ASSERT_EQ(got.has_value(), !values.empty());
  if (values.empty()) return;
  std::ranges::sort(values);
  const std::span<const float> sorted(values);
  EXPECT_EQ(got->lower, quantile(sorted, 0.25));
  EXPECT_EQ(got->median, quantile(sorted, 0.5));
  EXPECT_EQ(got->upper, quantile(sorted, 0.75));
}

TEST(Quartiles, AreThoseOfTheSortedValues) {
  Random random(1);
  for (size_t size = 0; size < 40; ++size) {
    std::vector<float> values(size);
    random.normal(values);
    expect_like_sorted(values);
    for (float& value : values) value = std::round(value);  // many alike, of both signs, and both zeros
    expect_like_sorted(values);
  }
  std::vector<float> many(100'000);
  random.normal(many);
  for (size_t i = 0; i < many.size(); i += 3) many[i] = kNoValue;
  expect_like_sorted(many);
}

TEST(Quartiles, GoOverTheWholeRangeOfNumbers) {
  expect_like_sorted({-3e38F, 3e38F, 1e-45F, -1e-45F, 0, -0.0F, 1, -1, 1e-30F});
  expect_like_sorted({5});
  expect_like_sorted({kNoValue, kNoValue});
}

TEST(Quartiles, OfManyChannelsAndPartsAreThoseOfEach) {
  constexpr size_t kChannels = 600;  // several sweeps
  Random random(2);
  std::vector<std::vector<float>> parts(3, std::vector<float>(kChannels * 7));
  for (auto& part : parts) random.normal(part);
  const auto got = quartiles_of(kChannels, parts);
  ASSERT_EQ(got.size(), kChannels);
  for (const size_t channel : {size_t{0}, size_t{255}, size_t{256}, kChannels - 1}) {
    std::vector<float> values;
    for (const auto& part : parts) {
      for (size_t i = channel; i < part.size(); i += kChannels) values.push_back(part[i]);
    }
    std::ranges::sort(values);
    EXPECT_EQ(got[channel]->median, quantile(std::span<const float>(values), 0.5));
  }
}

}  // namespace
}  // namespace recur
