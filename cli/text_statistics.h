// What can be said of a text without a model.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "recur/data/text/text_source.h"

namespace recur::cli {

struct TextStatistics {
  int64_t files = 0;
  int64_t bytes = 0;
  int64_t lines = 0;         // a last line without an end counts
  int64_t longest_line = 0;  // in bytes
  int64_t words = 0;         // separated by white space
  int64_t different_words = 0;
  int64_t different_bytes = 0;
  int64_t characters = 0;  // code points; each byte that is not UTF-8 counts as one
  int64_t different_characters = 0;
  int64_t bad_bytes = 0;  // not UTF-8
  struct Place {
    std::string file;
    int64_t offset = 0;  // in bytes from the start of the file
  };
  std::vector<Place> bad_places;                                                     // the first few of them
  std::vector<std::pair<std::string, int64_t>> frequent_characters, frequent_words;  // the first few, by count
};

TextStatistics text_statistics(const TextSource& source);

}  // namespace recur::cli
