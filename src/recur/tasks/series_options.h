// The options of reading series of numbers, for every task that does.
#pragma once

#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/data/sequences/read_sequences.h"
#include "recur/tasks/help_text.h"

namespace recur {

struct SeriesOptions {
  std::string layout = "auto";
  std::string id, time;
  std::vector<std::string> values, statics;
  std::string format, header = "auto", delimiter, decimal, thousands, time_format, missing, repeats = "fail";
  bool sort_time = false;

  // Keys end in _column(s) so as not to be confused with those of the run, such as `time`. `of` begins the help texts:
  // "Series: " in a task that reads other data too.
  template <class Visitor>
  void visit(Visitor& v, const std::string& of = "") {
    v("layout", layout,
      help_for(of,
               "Table layout: long (a row per time step), wide (a row per sequence) or observations (a row per "
               "measurement); auto: inferred from the data"),
      OneOf{"auto", "long", "wide", "observations"});
    v("id_column", id,
      std::string(of.empty() ? "Column of the sequence id, by name or number (#2), or several (store,item)"
                             : "Column of the id of a sequence or text, by name or number (#2), or several of a "
                               "sequence (store,item)") +
          "; empty: inferred from the data");
    v("time_column", time,
      help_for(of,
               "Column of the time, or those of the day and of the time of day (date,clock) or of year, month, ...; "
               "empty: inferred from the "
               "data"));
    v("value_columns", values, help_for(of, "Columns of the channels; empty: inferred from the data"));
    v("static_columns", statics,
      help_for(of, "Columns that are constant within a sequence (static features); empty: inferred from the data"));
    v("format", format,
      "File format: csv, tsv, jsonl, ts, tsf, npy, npz or idx, for texts also lines or plain; empty: inferred from the "
      "data");
    v("header", header, "Whether the first line names the columns; auto: inferred from the data",
      OneOf{"auto", "yes", "no"});
    v("delimiter", delimiter, "Column delimiter, one character or tab; empty: inferred from the data");
    v("decimal", decimal, help_for(of, "Decimal mark of numbers, . or a comma; empty: inferred from the data"));
    v("thousands", thousands,
      help_for(of,
               "Mark between thousands in numbers, one of . , ' _ or space; empty: none, or inferred from the data"));
    v("time_format", time_format, help_for(of, "Format of dates that are not ISO 8601, such as %d.%m.%Y %H:%M"));
    v("missing", missing, help_for(of, "Additional word for a missing value"));
    v("repeats", repeats,
      help_for(of, "Rows of one sequence with the same time: fail, or take the first, the last or the mean"),
      OneOf{"fail", "first", "last", "mean"});
    v("sort_time", sort_time, help_for(of, "Sort rows by time instead of failing when time goes backwards"));
  }

  // With the `columns` of an earlier file, later files are read the same way; null: by these options. The task adds
  // labels and its other declarations itself, and whether data that do not fit into memory may be on disk: by default
  // they may not.
  SequenceOptions sequence_options(const Columns* columns, bool need_labels) const;
};

}  // namespace recur
