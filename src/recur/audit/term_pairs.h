// Terms that take each other's place in a text, such as "he" and "she".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

struct TermPair {
  std::string first, second;

  std::string name() const { return first + " / " + second; }
};

// A text with all terms replaced by their partners.
struct SwappedText {
  std::string text;
  std::vector<int64_t> forward, backward;  // pairs of which the first became the second, the second the first; sorted
  bool changed() const { return !forward.empty() || !backward.empty(); }
};

class TermPairs {
 public:
  // Of two different terms each. A term that is in several pairs stands for the first of them.
  explicit TermPairs(std::vector<TermPair> pairs);
  // A pair a line, between a tab or a comma; empty lines, and lines that begin with #, are passed over. Throws Error,
  // naming file and line, for other lines, for a pair of the same term twice, and for a file without pairs.
  static TermPairs read(const DataFile& file);

  // Whole words, longest term first, capitals and small letters alike (of ASCII); what is put there is written as in
  // the pairs, but in small letters or capitals, or with a capital in front, where the term it replaces is. A letter,
  // digit, underscore or byte beyond ASCII beside a term means that it is part of a word.
  // `only`: the terms of this pair alone.
  SwappedText swap(std::string_view text, std::optional<int64_t> only = {}) const;

  const std::vector<TermPair>& pairs() const { return pairs_; }

 private:
  struct Partner {
    int64_t pair;
    bool forward;
    std::string written, with;
  };
  std::vector<TermPair> pairs_;
  std::map<std::string, Partner, std::less<>> partners_;  // by the term in small letters
  std::vector<size_t> lengths_;                           // of the terms, longest first
};

}  // namespace recur
