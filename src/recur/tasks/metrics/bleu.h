// BLEU of translations: Papineni, Roukos, Ward and Zhu, "BLEU: a method for automatic evaluation of machine
// translation" (2002), with the tokenisation and smoothing that make published figures comparable: Post, "A call for
// clarity in reporting BLEU scores" (2018).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace recur {

// A line's tokens in the tokenisation "13a" of mteval-v13a, between single spaces: punctuation stands alone, but for
// points and commas within numbers; &quot; &amp; &lt; &gt; are read as the characters they mean.
std::string tokenize_13a(std::string_view line);

// Of a corpus, against one reference each: sacreBLEU's default, "case:mixed|eff:no|tok:13a|smooth:exp".
class BleuMeter {
 public:
  static constexpr size_t kOrders = 4;  // n-grams of 1 .. 4 tokens

  void add(std::string_view hypothesis, std::string_view reference);
  void add(const BleuMeter& other);  // all that it has counted

  // Whether the references have n-grams of every order: else no hypothesis can share them, and the score is 0.
  bool is_defined() const { return long_references_ > 0; }

  // 0 .. 100. exp(mean of log precisions) times exp(1 - reference tokens / tokens), if there are fewer tokens than the
  // references have. The k-th order without a match, when a shorter one has some, counts as 2^-k matches.
  double score() const;

 private:
  std::array<int64_t, kOrders> shared_{}, total_{};
  int64_t tokens_ = 0, reference_tokens_ = 0;
  int64_t long_references_ = 0;  // of kOrders tokens and more
};

}  // namespace recur
