// The n-grams that two sequences share: what BLEU counts in words and chrF in characters.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

namespace recur {

// Each n-gram counts as often as it occurs; `shared` as often as in the sequence that has fewer of it.
struct NgramOverlap {
  int64_t first = 0, second = 0, shared = 0;
};

template <class Symbol>
NgramOverlap ngram_overlap(std::span<const Symbol> first, std::span<const Symbol> second, size_t n) {
  using Ngram = std::span<const Symbol>;
  const auto before = [](Ngram a, Ngram b) { return std::ranges::lexicographical_compare(a, b); };
  const auto sorted = [&](Ngram sequence) {
    std::vector<Ngram> ngrams;
    for (size_t at = 0; at + n <= sequence.size(); ++at) ngrams.push_back(sequence.subspan(at, n));
    std::ranges::sort(ngrams, before);
    return ngrams;
  };
  const std::vector<Ngram> a = sorted(first), b = sorted(second);
  std::vector<Ngram> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both), before);
  return {std::ssize(a), std::ssize(b), std::ssize(both)};
}

}  // namespace recur
