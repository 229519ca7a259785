// The groups that records belong to, from a table.
#pragma once

#include <string>
#include <vector>

#include "recur/data/files/data_file.h"
#include "recur/data/tables/cell_columns.h"
#include "recur/data/tables/table_options.h"
#include "recur/tasks/groups/grouping.h"

namespace recur {

struct GroupOptions {
  std::vector<std::string> columns = {};  // whose values are the groups
  std::vector<std::string> bands = {};    // "age=25,45": numbers below 25, from 25 to below 45, and from 45
  std::string id = {};                    // the column of ids; "": one that is called id or ..._id
  TableOptions table = {};                // how the table is read
};

struct ReadGroups {
  std::vector<Grouping> groupings;  // one for each column, of the records in their order
  std::vector<std::string> notes;   // what was guessed, in words
};

// Of records with these ids: those of the rows that have them; a record that no row has is in no group. A table without
// a column of ids goes row by row. Throws UsageError for columns that are not there and for more than 50 groups, Error
// for two groups of one id and where none of the ids is there.
ReadGroups read_groups(const DataFile& table, const GroupOptions& options, const std::vector<std::string>& ids);

// One column of a table that was read.
Grouping checked_grouping(const std::string& file, const CellColumn& column);

}  // namespace recur
