// Which columns of a table of texts are the text, its label and its id, and whether the first row names them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/text/text_rows.h"

namespace recur::internal {

// The usual names of columns, in small letters.
std::span<const std::string_view> text_names();
std::span<const std::string_view> label_names();
// Of the columns or keys that are called as labels are, but for `text`, the one that is called plainly so. Throws
// UsageError, which begins with `where`, for two that are as likely.
std::optional<size_t> likely_label(std::span<const std::string> names, std::optional<size_t> text,
                                   std::string_view where);
std::span<const std::string_view> text_id_names();
bool is_name_among(std::string_view cell, std::span<const std::string_view> names);

// Whether one of two cells is a usual name of a text and the other one of a label.
bool names_columns(std::string_view a, std::string_view b);

struct TextTable {
  size_t text = 0;
  std::optional<size_t> label, id;
  bool header = false;
  std::string note = {};  // what was guessed, in words
};

// `first`: the cells of the first row. Throws UsageError where columns or header cannot be told.
TextTable find_text_table(const DataFile& file, char delimiter, const std::vector<std::string>& first,
                          const TextRowOptions& options);

}  // namespace recur::internal
