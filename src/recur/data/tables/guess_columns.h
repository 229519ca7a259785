// What the columns of a table are for, where nobody has said.
#pragma once

#include <string>
#include <vector>

#include "recur/data/tables/columns.h"
#include "recur/data/tables/table.h"

namespace recur {

struct GuessedColumns {
  Columns columns;                 // every role filled
  std::vector<std::string> notes;  // columns left out, in words
};

// Completes what `options.columns` declares. Names stand before contents, contents before position:
//   layout  observations when columns are called parameter (variable, ...) and value; wide when at least 8 columns are
//           called v1, v2, ... or 1, 2, ... or by rising dates, or when there is no header and rows have different
//           lengths or the first column has names that are all different, or few whole numbers before at least 15
//           columns more (the older files of the UCR archive); else long
//   id      a column called id, item_id, series, ... whose cells repeat; else, when times start anew, the first column
//           in whose groups they do not; in the wide layout one whose cells do not repeat
//   time    a column called time, date, ... ; else the first of dates; else the first column (but for
//           the id) where it counts in equal steps; else one that starts anew where another, the id, changes
//   label   a column called label or class; in the long layout a label of each step when it changes within a sequence
//   static  in the long layout, columns of text that do not change within a sequence
//   values  all columns of numbers that are left, when none is declared
// Throws UsageError when a declared column does not exist or is declared twice, or no column is left for values.
GuessedColumns guess_columns(const TableHead& head, const TableOptions& options, const std::string& file);

}  // namespace recur
