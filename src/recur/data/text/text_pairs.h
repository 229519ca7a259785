// Pairs of texts: a source and its target, such as a sentence and its translation or a word and its pronunciation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/files/place.h"

namespace recur {

struct TextPair {
  std::string source, target;  // UTF-8, without blanks around; `target` is empty where targets are not read
  Place place;
};

struct TextPairs {
  std::vector<TextPair> pairs;
  std::vector<std::string> files;
  std::vector<std::string> notes;  // choices made for the data, in words

  std::string where(const TextPair& pair) const { return place_text(files, pair.place); }
};

struct TextPairOptions {
  std::string source{}, target{};  // columns by name or "#2"; "": those named source and target, or the only two
  std::string header{};            // "yes", "no"; "" or "auto": found out
  // Of lines: the targets of each file in one of these, line by line; none: both stand in one file.
  std::vector<DataFile> target_files{};
  // false: sources alone. A line without a tab is one; columns named here need not be there.
  bool need_targets = true;
};

// Tables with commas (.csv), lines of cells between tabs, where quotes are letters like others, JSON lines, and plain
// lines. Where targets are read, pairs with an empty side are left out and noted; a source by itself may be empty.
// Throws Error, naming file, line and column, for what cannot be read and for files of different numbers of lines;
// UsageError where it is not clear which columns are meant.
TextPairs read_text_pairs(std::span<const DataFile> files, const TextPairOptions& options = {});

// The source of one line of input, as read_text_pairs takes plain lines without targets: up to the first tab.
std::string_view source_of_line(std::string_view line);

}  // namespace recur
