#include "recur/tasks/diagnose/normal_values.h"

#include <cmath>

#include "recur/base/error.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/table.h"

namespace recur {

std::map<std::string, float> read_normal_values(const std::filesystem::path& path) {
  TableOptions options;
  options.header = "yes";
  const OpenTable table = open_csv(DataFile(path), options);
  const auto channel = table.head.find("channel"), value = table.head.find("value");
  if (!channel || !value) fail("{}: expected the columns channel and value", path.string());
  std::map<std::string, float> values;
  while (table.rows->next()) {
    const auto cells = table.rows->cells();
    if (cells.size() != table.head.names.size())
      table.rows->fail_here("expected {} columns, got {}", table.head.names.size(), cells.size());
    const auto number = static_cast<float>(number_cell(*table.rows, table.head, CellRules(options), *value));
    if (std::isnan(number)) table.rows->fail_cell(table.head, *value, "expected a number, got none");
    if (!values.emplace(trimmed(cells[*channel]), number).second)
      table.rows->fail_cell(table.head, *channel, "{} is there twice", quoted_cell(cells[*channel]));
  }
  return values;
}

}  // namespace recur
