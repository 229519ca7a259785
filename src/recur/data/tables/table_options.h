// How a table is to be read, where it is not to be found out.
#pragma once

#include <string>

#include "recur/data/tables/columns.h"

namespace recur {

struct TableOptions {
  Columns columns{};
  std::string header{};             // "yes", "no"; "": found out
  std::string delimiter{};          // one character or "tab"; "": found out among , tab ; | and spaces
  std::string time_format{};        // "%d.%m.%Y %H:%M" where dates are not ISO 8601; see date_time.h
  std::string missing{};            // a further word for a missing value, as "-1" or "-9999"
  std::string decimal{};            // "." or ","; "": found out
  std::string thousands{};          // "" found out or none, "space" or one of . , ' _
  bool need_labels = true;          // false for prediction: declared label columns may be absent
  std::string may_lack{};           // a declared channel that may be absent, and is then missing throughout
  bool find_anomalies = false;      // a column called anomaly, outlier, ... of 0 and 1 is the label
  bool keep_level = false;          // no offset is taken off values, however high they are
  bool leave_out_calendar = false;  // columns that repeat the month, hour, ... of the time are no channels
  bool twins = false;               // of columns of one name the later ones go by their numbers; else they are an error
  bool label_steps = false;         // in a long table the column of labels labels each row, even where it never changes
};

}  // namespace recur
