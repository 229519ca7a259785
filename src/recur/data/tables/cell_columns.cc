#include "recur/data/tables/cell_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "recur/base/error.h"
#include "recur/data/tables/label_cell.h"
#include "recur/data/tables/missing_column.h"

namespace recur {
namespace {

// Columns are asked for by their names, so that there is a header, unless they are numbered: "#2".
OpenTable open_table(const DataFile& file, TableOptions options, bool numbered) {
  const std::string extension = file.extension();
  if (extension == ".jsonl" || extension == ".ndjson") return open_json_table(file);
  if (options.header.empty() && !numbered) options.header = "yes";
  options.twins = true;
  return open_csv(file, options);
}

std::vector<double> edges_of(const std::string& text, size_t at) {
  std::vector<double> edges;
  while (at < text.size()) {
    const size_t end = std::min(text.find(',', at), text.size());
    const std::optional<double> edge = parse_number(std::string_view(text).substr(at, end - at));
    if (!edge || (!edges.empty() && *edge <= edges.back())) {
      fail_usage("bands: expected COLUMN=EDGE,EDGE,... with rising numbers, got '{}'", text);
    }
    edges.push_back(*edge);
    at = end + 1;
  }
  if (edges.empty()) fail_usage("bands: expected COLUMN=EDGE,EDGE,..., got '{}'", text);
  return edges;
}

std::string band_of(double value, const std::vector<double>& edges) {
  const auto above = std::ranges::upper_bound(edges, value);
  if (above == edges.begin()) return fmt::format("< {}", edges.front());
  if (above == edges.end()) return fmt::format(">= {}", edges.back());
  return fmt::format("{} .. {}", *(above - 1), *above);
}

}  // namespace

const CellColumn& CellColumns::at(const std::string& name) const {
  return *std::ranges::find(columns, name, &CellColumn::name);
}

CellColumns read_columns(const DataFile& file, const TableOptions& options, const std::vector<std::string>& names) {
  const auto is_number = [](const std::string& name) { return name.starts_with('#'); };
  OpenTable table = open_table(file, options, std::ranges::any_of(names, is_number));
  CellColumns out{.file = file.name(), .all = table.head.names, .columns = {}, .lines = {}, .notes = table.head.notes};
  std::vector<size_t> places;
  for (const std::string& name : names) {
    const auto is_it = [&](const CellColumn& column) { return column.name == name; };
    if (std::ranges::any_of(out.columns, is_it)) continue;
    const std::optional<size_t> place = table.head.find(name);
    if (!place) fail_missing_column(file.name(), name, table.head.names, true);
    places.push_back(*place);
    out.columns.push_back({.name = name, .cells = {}});
  }
  const CellRules rules(options);
  while (table.rows->next()) {
    const auto cells = table.rows->cells();
    for (size_t c = 0; c < places.size(); ++c) {
      if (places[c] >= cells.size()) {
        table.rows->fail_here("expected {} columns, got {}", table.head.names.size(), cells.size());
      }
      out.columns[c].cells.push_back(label_cell(cells[places[c]], rules));
    }
    out.lines.push_back(table.rows->line());
  }
  if (out.lines.empty()) fail("{}: expected rows below the header, got none", file.name());
  const std::vector<std::string> later = table.rows->notes();
  out.notes.insert(out.notes.end(), later.begin(), later.end());
  return out;
}

std::vector<std::string> column_names(const DataFile& file, const TableOptions& options) {
  return open_table(file, options, false).head.names;
}

void put_into_bands(CellColumns& table, const std::string& text) {
  const size_t at = text.find('=');
  if (at == std::string::npos) fail_usage("bands: expected COLUMN=EDGE,EDGE,..., got '{}'", text);
  const std::vector<double> edges = edges_of(text, at + 1);
  const auto column = std::ranges::find(table.columns, text.substr(0, at), &CellColumn::name);
  if (column == table.columns.end()) fail_usage("bands: '{}' is not one of the groups", text.substr(0, at));
  for (size_t i = 0; i < column->cells.size(); ++i) {
    std::string& cell = column->cells[i];
    if (cell.empty()) continue;
    const std::optional<double> value = parse_number(cell);
    if (!value)
      fail("{}:{}: {}: expected a number to put into bands, got '{}'", table.file, table.lines[i], column->name, cell);
    cell = band_of(*value, edges);
  }
}

}  // namespace recur
