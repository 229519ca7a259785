// Files of other programs that end up where text or numbers are expected.
#pragma once

#include <cstddef>
#include <string_view>

namespace recur {

class DataFile;

// How many bytes of a file tell what it is.
constexpr size_t kForeignHead = 512;

// What a file is by its first bytes, and what to do about it: "a Parquet file; save it as CSV". "" where they are none
// of these: spreadsheets, data bases, columns of data frames, archives, pictures, sound, models, web pages.
std::string_view foreign_format(std::string_view head);

// Throws Error "book.xlsx: an Excel workbook; save it as CSV".
void check_not_foreign(const DataFile& file);

}  // namespace recur
