#include "recur/tasks/series_options.h"

#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/date_time.h"

namespace recur {

SequenceOptions SeriesOptions::sequence_options(const Columns* columns, bool need_labels) const {
  check_time_format(time_format);
  number_marks(decimal, thousands);
  SequenceOptions options{.columns = {.layout = layout_from_name(layout), .id = id, .time = time, .values = values},
                          .format = format,
                          .header = header == "auto" ? "" : header,
                          .delimiter = delimiter,
                          .time_format = time_format,
                          .missing = missing,
                          .decimal = decimal,
                          .thousands = thousands,
                          .repeats = repeats_from_name(repeats),
                          .sort_time = sort_time,
                          .need_labels = need_labels};
  options.columns.statics = statics;
  if (columns != nullptr) options.columns = *columns;
  return options;
}

}  // namespace recur
