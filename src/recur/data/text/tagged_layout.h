// How the rows of a file of sentences are to be read: by its name and its first rows.
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/text/tagged_text.h"

namespace recur::internal {

enum class TaggedKind { kConll, kConllu, kPlain };

struct TaggedLayout {
  TaggedKind kind = TaggedKind::kConll;
  std::vector<std::string> names;           // of the columns, where they have names
  size_t width = 0;                         // columns of kConll, as its first rows have; 0: no row was seen
  size_t token = 0;                         // column of kConll: the second where the first counts tokens
  bool header = false;                      // the first row names the columns
  bool ends_with_tab = false;               // all rows do: there is no column behind it
  std::set<std::string, std::less<>> tags;  // of the first rows, comments aside
  std::vector<std::string> notes;           // what was guessed, in words
};

TaggedLayout find_layout(const DataFile& file, const TaggedTextOptions& options);

// A row's cells without blanks around them: between tabs when it has one, else between runs of spaces.
void split_tagged_row(std::string_view line, std::vector<std::string_view>& cells);
// The tag's place in a row of so many columns: the last, where the options do not number another.
size_t tag_place(const TaggedTextOptions& options, size_t width);
// Whether its cells are those of "# key = value".
bool is_key_comment(std::span<const std::string_view> cells);
bool is_blank_line(std::string_view line);

}  // namespace recur::internal
