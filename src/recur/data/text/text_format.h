// How the rows of a file of texts are to be read: by its name and its lines.
#pragma once

#include <string>
#include <string_view>

#include "recur/data/files/data_file.h"
#include "recur/data/text/text_rows.h"

namespace recur::internal {

enum class TextFormat { kTable, kJsonLines, kLabelFirst, kFastText, kPlain };

struct FoundTextFormat {
  TextFormat format = TextFormat::kPlain;
  char delimiter = ',';  // of kTable
  std::string note = {};
};
FoundTextFormat find_text_format(const DataFile& file, const TextRowOptions& options);

// The label of a line "label<TAB>text" or "label text", and its text.
struct LabelledLine {
  std::string_view label, text;
};
LabelledLine split_label(std::string_view line);

// A line of fastText, whose labels are the words that begin with "__label__".
struct FastTextLine {
  int labels = 0;
  std::string_view first, second;  // of them
  std::string text;
};
FastTextLine split_fasttext(std::string_view line);

}  // namespace recur::internal
