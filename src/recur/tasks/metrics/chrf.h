// chrF of translations, the F-score of their character n-grams: Popovic, "chrF: character n-gram F-score for automatic
// MT evaluation" (2015).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace recur {

// Of a corpus, against one reference each: sacreBLEU's default, "case:mixed|eff:yes|nc:6|nw:0|space:no", beta 2.
class ChrfMeter {
 public:
  static constexpr size_t kOrders = 6;  // n-grams of 1 .. 6 characters, white space left out

  void add(std::string_view hypothesis, std::string_view reference);
  void add(const ChrfMeter& other);  // all that it has counted

  // Whether the references have characters.
  bool is_defined() const { return reference_total_[0] > 0; }

  // 0 .. 100: F2 of the means of precision and recall over the orders that both sides have n-grams of.
  double score() const;

 private:
  std::array<int64_t, kOrders> total_{}, reference_total_{}, shared_{};
};

}  // namespace recur
