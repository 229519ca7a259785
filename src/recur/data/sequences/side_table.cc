#include "recur/data/sequences/side_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/number_array.h"
#include "recur/data/files/string_map.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/missing_column.h"
#include "recur/data/tables/table.h"

namespace recur {
namespace {

// A table in memory, of the columns that are wanted.
struct SideRows {
  std::vector<std::string> ids;                  // empty when rows go by position
  std::vector<int64_t> lines;                    // as many
  std::vector<std::vector<std::string>> labels;  // of each row
  std::vector<std::vector<std::string>> statics;
  std::vector<std::string> notes{};
};

OpenTable open_side(const SequenceOptions& options, const Columns& columns) {
  return open_csv(DataFile(options.side_table), {.columns = columns, .missing = options.missing});
}

Columns names_of(const SequenceOptions& options) {
  Columns columns;
  columns.id = options.columns.id;
  columns.labels = options.columns.labels;
  columns.statics = options.columns.statics;
  return columns;
}

std::vector<size_t> positions(const TableHead& head, const std::vector<std::string>& names) {
  std::vector<size_t> out;
  for (const std::string& name : names) out.push_back(*head.find(name));
  return out;
}

// Only real names can be meant: "#1" of the sequences is a column of theirs. Else the first columns.
std::vector<size_t> id_positions(const TableHead& head, const std::string& id) {
  const auto has = [&head](const std::string& name) { return std::ranges::count(head.names, name) > 0; };
  std::vector<std::string> names = id_columns(id, has);
  if (names.size() > 1) return positions(head, names);
  const auto at = std::ranges::find(head.names, id);
  return {at == head.names.end() ? 0 : static_cast<size_t>(at - head.names.begin())};
}

SideRows read_rows(OpenTable table, const SideColumns& columns, const std::vector<size_t>& ids,
                   const CellRules& rules) {
  SideRows out;
  const auto labels = positions(table.head, columns.labels), statics = positions(table.head, columns.statics);
  const auto texts = [&](const std::vector<size_t>& wanted) {
    std::vector<std::string> row;
    for (const size_t column : wanted) {
      const std::string_view cell = table.rows->cells()[column];
      row.push_back(rules.is_missing(cell) ? std::string() : canonical_label(cell));
    }
    return row;
  };
  while (table.rows->next()) {
    if (table.rows->cells().size() != table.head.names.size()) {
      table.rows->fail_here("expected {} columns, got {}", table.head.names.size(), table.rows->cells().size());
    }
    if (!ids.empty()) {
      std::string& id = out.ids.emplace_back();
      for (const size_t column : ids) {
        if (!id.empty()) id += kIdJoint;
        id += trimmed(table.rows->cells()[column]);
      }
      out.lines.push_back(table.rows->line());
    }
    out.labels.push_back(texts(labels));
    out.statics.push_back(texts(statics));
  }
  out.notes = table.rows->notes();
  if (out.labels.empty()) fail("{}: no row below the header", table.rows->name());
  return out;
}

SideRows label_array(const DataFile& file) {
  const NumberArray array = read_array(file);
  if (array.shape.size() != 1) fail("{}: expected one axis of labels, got {}", file.name(), array.shape.size());
  SideRows rows;
  for (const double label : array.values) {
    rows.labels.push_back({fmt::format("{}", label)});
    rows.statics.emplace_back();
  }
  return rows;
}

void take_row(Sequence& s, SideRows& rows, size_t row) {
  std::ranges::copy(rows.labels[row], std::back_inserter(s.labels));
  std::ranges::copy(rows.statics[row], std::back_inserter(s.statics));
}

void join_by_position(SequenceSet& set, SideRows& rows, const std::string& side) {
  if (rows.labels.size() != set.sequences.size()) {
    fail("{}: {} rows for {} sequences, which have no ids to go by", side, rows.labels.size(), set.sequences.size());
  }
  for (size_t i = 0; i < set.sequences.size(); ++i) take_row(set.sequences[i], rows, i);
}

void join_by_id(SequenceSet& set, SideRows& rows, const std::string& side, bool need_labels) {
  internal::StringMap<size_t> row_of;
  for (size_t row = 0; row < rows.ids.size(); ++row) {
    if (!row_of.emplace(rows.ids[row], row).second) {
      fail("{}:{}: two rows have the id {}", side, rows.lines[row], quoted_cell(rows.ids[row]));
    }
  }
  const size_t labels = rows.labels.empty() ? 0 : rows.labels[0].size();
  const size_t statics = rows.statics.empty() ? 0 : rows.statics[0].size();
  size_t found = 0;
  for (Sequence& s : set.sequences) {
    const auto at = row_of.find(s.id);
    if (at == row_of.end() && need_labels) fail("{}: no row has the id {} ({})", side, quoted_cell(s.id), set.where(s));
    if (at == row_of.end()) {
      s.labels.resize(s.labels.size() + labels);
      s.statics.resize(s.statics.size() + statics);
      continue;
    }
    ++found;
    take_row(s, rows, at->second);
  }
  if (found < rows.ids.size()) {
    set.notes.push_back(fmt::format("{}: {} rows have no sequence", side, rows.ids.size() - found));
  }
}

}  // namespace

SideColumns find_side_columns(const SequenceOptions& options) {
  SideColumns columns;
  if (options.side_table.empty()) return columns;
  if (!array_format(DataFile(options.side_table)).empty()) return {.labels = {"label"}, .statics = {}};
  const TableHead head = open_side(options, names_of(options)).head;
  for (const std::string& name : options.columns.labels) {
    if (head.find(name)) columns.labels.push_back(name);
  }
  for (const std::string& name : options.columns.statics) {
    if (head.find(name)) columns.statics.push_back(name);
  }
  if (!columns.labels.empty() || !columns.statics.empty()) return columns;
  for (const std::string& name : head.names) {
    const std::string small = lower_ascii(name);
    if (small == "label" || small == "class") columns.labels.push_back(name);
  }
  if (columns.labels.empty() && !options.columns.labels.empty()) {
    fail_missing_column(options.side_table.string(), options.columns.labels[0], head.names, !options.columns.complete);
  }
  if (columns.labels.empty()) {
    fail_usage("{}: which column has the labels? Columns: {}", options.side_table.string(), listed(head.names));
  }
  return columns;
}

void join_side_table(SequenceSet& set, const SideColumns& columns, const SequenceOptions& options) {
  const std::string side = options.side_table.string();
  SideRows rows;
  if (const DataFile file(options.side_table); !array_format(file).empty()) {
    rows = label_array(file);
  } else {
    OpenTable table = open_side(options, names_of(options));
    std::vector<size_t> ids;  // of none, rows go by position
    if (!set.columns.id.empty()) ids = id_positions(table.head, set.columns.id);
    rows = read_rows(std::move(table), columns, ids, CellRules(options));
  }
  std::ranges::move(rows.notes, std::back_inserter(set.notes));
  if (rows.ids.empty()) {
    join_by_position(set, rows, side);
  } else {
    join_by_id(set, rows, side, options.need_labels);
  }
  for (const std::string& name : columns.labels) {
    set.labels.push_back(name);
    set.columns.labels.push_back(name);
  }
  for (const std::string& name : columns.statics) {
    set.statics.push_back(name);
    set.columns.statics.push_back(name);
  }
}

}  // namespace recur
