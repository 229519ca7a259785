#include "recur/autograd/fit_size.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/support/throws.h"

namespace recur {
namespace {

const std::vector<AxisSizes> kAt = sizes_to_fit_at({"T", "B"});

std::string fitted(const std::function<int64_t(int64_t T, int64_t B)>& value) {
  std::vector<int64_t> values;
  for (const AxisSizes& sizes : kAt) values.push_back(value(sizes[0].size, sizes[1].size));
  const auto size = fit_size(kAt, values);
  return size ? size->str() : "none";
}

int64_t ceil_divide(int64_t a, int64_t b) { return (a + b - 1) / b; }

TEST(SizesToFitAt, GiveEveryAxisManyValues) {
  for (const AxisSizes& sizes : sizes_to_fit_at({"T", "B", "S"})) ASSERT_EQ(sizes.size(), 3U);
  for (size_t k = 0; k < 2; ++k) {
    std::set<int64_t> values;
    for (const AxisSizes& sizes : kAt) values.insert(sizes[k].size);
    EXPECT_EQ(values.size(), kAt.size());
  }
}

TEST(FitSize, FindsNumbersAndSumsOfProducts) {
  EXPECT_EQ(fitted([](int64_t, int64_t) { return 42; }), "42");
  EXPECT_EQ(fitted([](int64_t T, int64_t) { return T; }), "T");
  EXPECT_EQ(fitted([](int64_t T, int64_t B) { return 3 * T * B; }), "3*T*B");
  EXPECT_EQ(fitted([](int64_t T, int64_t B) { return 5 - T + 2 * B + 7 * T * B; }), "-T + 2*B + 7*T*B + 5");
}

TEST(FitSize, FindsDivisionsOfEveryDivisorAndShift) {
  EXPECT_EQ(fitted([](int64_t T, int64_t B) { return ceil_divide(T, 4) * B; }), "ceil(T / 4)*B");
  EXPECT_EQ(fitted([](int64_t T, int64_t) { return (T - 3) / 2 + 1; }), "ceil(T / 2) - 1");
  for (int64_t divisor = 2; divisor <= 9; ++divisor)
    for (int64_t shift = 0; shift < divisor; ++shift) {
      const auto value = [=](int64_t T, int64_t) { return ceil_divide(T - shift, divisor); };
      const std::string inside = shift == 0 ? "T" : "(T - " + std::to_string(shift) + ")";
      EXPECT_EQ(fitted(value), "ceil(" + inside + " / " + std::to_string(divisor) + ")");
    }
}

TEST(FitSize, OfRepeatedDivisionsOneIsLeft) {
  EXPECT_EQ(fitted([](int64_t T, int64_t) { return ceil_divide(ceil_divide(T, 2), 2); }), "ceil(T / 4)");
}

TEST(FitSize, TakesFourAxesAndNoMore) {
  const auto sizes = sizes_to_fit_at({"A", "B", "C", "D"});
  std::vector<int64_t> values;
  values.reserve(sizes.size());
  for (const AxisSizes& at : sizes) values.push_back(at[0].size * at[2].size + at[1].size * at[3].size - 7);
  const auto size = fit_size(sizes, values);
  EXPECT_EQ(size ? size->str() : "none", "A*C + B*D - 7");
  EXPECT_ERROR(sizes_to_fit_at({"A", "B", "C", "D", "E"}), "5 open axes are more than 4");
}

TEST(FitSize, GivesUpOnOtherForms) {
  EXPECT_EQ(fitted([](int64_t T, int64_t) { return T * T; }), "none");
  EXPECT_EQ(fitted([](int64_t T, int64_t) { return std::max<int64_t>(T, 12); }), "none");
  EXPECT_EQ(fitted([](int64_t T, int64_t B) { return T % 3 + B; }), "none");
}

}  // namespace
}  // namespace recur
