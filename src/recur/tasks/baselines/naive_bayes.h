// Naive Bayes of texts: symbols and pairs of neighbours, each independent of the others given the class.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

// Multinomial, with one added to each count (McCallum and Nigam, 1998). What is counted are the symbols of a text and
// its pairs of neighbours; those that training lacks count for nothing. Of more of them than fit `most_bytes`, the most
// frequent are kept.
class NaiveBayes {
 public:
  struct Text {
    std::vector<int32_t> symbols;  // each 0 or more
    int32_t of_class = 0;          // 0 .. classes - 1
  };
  static constexpr int64_t kMostBytes = 1 << 20;

  // The texts are asked for by their number, in order. Takes memory for a few million counts, whatever their number.
  static NaiveBayes fit(int64_t texts, int64_t classes, const std::function<Text(int64_t)>& text,
                        int64_t most_bytes = kMostBytes);

  int64_t classes() const { return classes_; }
  int64_t features() const { return static_cast<int64_t>(keys_.size()); }

  // [C] log p(class) + log p(text | class), up to a constant.
  std::vector<double> scores(std::span<const int32_t> symbols) const;
  int32_t predict(std::span<const int32_t> symbols) const;  // the class of the highest; the first of several

  std::string to_text() const;
  static NaiveBayes from_text(std::string_view text, int64_t classes);  // throws Error: it is untrusted input

 private:
  NaiveBayes() = default;
  void finish();  // what follows from the counts

  int64_t classes_ = 0;
  std::vector<uint64_t> texts_;   // [C], of training
  std::vector<uint64_t> keys_;    // ascending: a symbol s is s, a pair s, t is (s + 1) 2^32 + t
  std::vector<uint64_t> counts_;  // [features, C]
  std::vector<double> totals_;    // [C], with one added for each feature
};

}  // namespace recur
