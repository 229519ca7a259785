// The texts of plain files, line by line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "recur/data/files/data_file.h"

namespace recur {

// A text of a file of texts, or of a list.
struct NamedText {
  std::string name, text;
  std::string source;  // the file of a list, or the place of a line: "texts.txt:3"
};

// Whether lines of a file are texts: it ends with .txt, or is the standard input.
bool is_plain_text(const DataFile& file);
// Those of their lines that are not blank, by their numbers, "3", or of several files also by their names, "poem-3".
// Throws Error for more than 64 MB, and for what is not UTF-8.
std::vector<NamedText> text_lines(const std::vector<DataFile>& files);
// The same of a text.
std::vector<NamedText> text_lines(const std::string& name, std::string_view text);

}  // namespace recur
