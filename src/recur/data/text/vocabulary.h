// Words and their numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/string_map.h"

namespace recur {

// A list of distinct words, numbered 0 .. size-1.
class Vocabulary {
 public:
  Vocabulary() = default;
  explicit Vocabulary(std::vector<std::string> words);  // throws Error when a word is there twice, or too many are

  int32_t size() const { return static_cast<int32_t>(words_.size()); }
  const std::string& word(int32_t id) const { return words_[static_cast<size_t>(id)]; }
  std::optional<int32_t> find(std::string_view word) const;
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
  internal::StringMap<int32_t> ids_;
};

// Counts words of any number of texts. Its memory is bounded: at four million distinct words the rarest are dropped.
class WordCounter {
 public:
  void add(std::string_view word, int64_t count = 1);
  int64_t count(std::string_view word) const;
  int64_t total() const { return total_; }

  struct Entry {
    std::string word;
    int64_t count;
  };
  // Words counted at least min_count times, most frequent first, equally frequent ones in order of their bytes.
  std::vector<Entry> ranked(int64_t min_count = 1) const;

 private:
  void drop_rarest();

  internal::StringMap<int64_t> counts_;
  int64_t total_ = 0;
  int64_t dropped_below_ = 1;
};

}  // namespace recur
