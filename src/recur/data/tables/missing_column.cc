#include "recur/data/tables/missing_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/suggest.h"
#include "recur/data/files/plain_text.h"

namespace recur {

void fail_missing_column(std::string_view place, std::string_view name, std::span<const std::string> columns,
                         bool chosen) {
  const std::vector<std::string_view> known(columns.begin(), columns.end());
  const std::string message =
      fmt::format("{}: there is no column {}, which {}{}; columns: {}", place, quoted_cell(name),
                  chosen ? "an option names" : "the training data or the first file had", did_you_mean(name, known),
                  listed(columns));
  if (chosen) fail_usage("{}", message);
  fail("{}", message);
}

}  // namespace recur
