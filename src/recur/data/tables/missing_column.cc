#include "recur/data/tables/missing_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/suggest.h"

namespace recur {

void fail_missing_column(std::string_view place, std::string_view name, std::span<const std::string> columns,
                         bool chosen) {
  constexpr size_t kListed = 30;
  const std::vector<std::string_view> known(columns.begin(), columns.end());
  const std::string message = fmt::format("{}: there is no column '{}', which {}{}; columns: {}{}", place, name,
                                          chosen ? "an option names" : "the data before had", did_you_mean(name, known),
                                          fmt::join(std::span(known).first(std::min(known.size(), kListed)), ", "),
                                          known.size() > kListed ? ", ..." : "");
  if (chosen) fail_usage("{}", message);
  fail("{}", message);
}

}  // namespace recur
