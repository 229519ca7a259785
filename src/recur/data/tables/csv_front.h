// What divides the cells of a table, and what stands in front of its records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "recur/data/files/data_file.h"

namespace recur {

struct CsvFront {
  char stated_delimiter = '\0';  // of a first line "sep=;", as Excel has it
  int64_t lines = 0;             // that hold no record: this one, and comments
};

// Comments are lines in front that begin with # and have another number of cells than the row behind them, since a
// header or a text may begin with # too. In front of one column, they are lines "# ..." above numbers.
// `delimiter`: of the cells; '\0': found out.
CsvFront csv_front(const DataFile& file, char delimiter = '\0');

// "a.csv: 2 lines in front of the table left out"; "" where there are none.
std::string front_note(const std::string& file, const CsvFront& front);

// The first line of a table in the beginning of a file: its header, where it has one.
std::string_view first_row_of(std::string_view head);

// The delimiter of a file: what its front states; else the one of , tab ; | that divides its first lines into equally
// many cells, more than one; else the one that divides the first line into most; else spaces, when it has them; else
// the comma. Where numbers have decimal commas, said by `decimal` or seen between semicolons or tabs, the comma is
// none.
char guess_delimiter(const DataFile& file, std::string_view decimal = {});

// "," "tab" "space" ";": what an option or message calls it. Throws UsageError for what is no delimiter.
char delimiter_from_name(std::string_view name);

}  // namespace recur
