// Predictions while the data are still coming: a line of text in, a row out.
#pragma once

#include <string_view>

#include "recur/tasks/table.h"

namespace recur {

class LineStream {
 public:
  virtual ~LineStream() = default;

  // The next line, without its end. Gives `rows` the row that it leads to, or none where it is no sample, such as a
  // header; before the first row, the names of the columns. Throws Error, naming the number of the line, for what
  // cannot be read; the line is then as if it had not been.
  virtual void line(std::string_view text, RowSink& rows) = 0;
};

}  // namespace recur
