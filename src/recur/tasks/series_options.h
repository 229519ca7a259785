// The options of reading series of numbers, for every task that does.
#pragma once

#include <string>
#include <vector>

#include "recur/base/config_field.h"
#include "recur/data/sequences/read_sequences.h"

namespace recur {

struct SeriesOptions {
  std::string layout = "auto";
  std::string id, time;
  std::vector<std::string> values, statics;
  std::string format, header = "auto", delimiter, time_format, missing, repeats = "fail";
  bool sort_time = false;

  // Keys end in _column(s) so as not to be taken for those of the run, such as `time`.
  template <class Visitor>
  void visit(Visitor& v) {
    v("layout", layout, "Series: a row a step, a row a sequence, or a row a measurement",
      OneOf{"auto", "long", "wide", "observations"});
    v("id_column", id, "Series: which sequence a row belongs to; a column's name, or #2; empty: found out");
    v("time_column", time, "Series: when; empty: found out");
    v("value_columns", values, "Series: the channels; empty: found out");
    v("static_columns", statics, "Series: what holds for a whole sequence");
    v("format", format, "csv, tsv, jsonl, ts, tsf, npy, npz, idx; of texts lines or plain too; empty: found out");
    v("header", header, "Series: whether the first line names columns; auto: found out", OneOf{"auto", "yes", "no"});
    v("delimiter", delimiter, "Series: one character or tab; empty: found out");
    v("time_format", time_format, "Series: such as %d.%m.%Y %H:%M, where dates are not ISO 8601");
    v("missing", missing, "Series: a further word for a missing value");
    v("repeats", repeats, "Series: which value of one time counts", OneOf{"fail", "first", "last", "mean"});
    v("sort_time", sort_time, "Series: sort rows whose time goes back, instead of an error");
  }

  // `columns` of an earlier file make later ones be read the same way; null: by these options. Labels and what else is
  // declared by the task are its own to add, and whether what does not fit into memory may be on disk: it may not here.
  SequenceOptions sequence_options(const Columns* columns, bool need_labels) const;
};

}  // namespace recur
