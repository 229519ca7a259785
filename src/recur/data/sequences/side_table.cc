#include "recur/data/sequences/side_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "recur/base/counted.h"
#include "recur/base/error.h"
#include "recur/data/files/number_array.h"
#include "recur/data/files/string_map.h"
#include "recur/data/sequences/match_files.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/label_cell.h"
#include "recur/data/tables/missing_column.h"
#include "recur/data/tables/table.h"

namespace recur {
namespace {

std::string without_sequence(const std::string& side, size_t rows) {
  return fmt::format("{}: {} no sequence", side, counted(static_cast<int64_t>(rows), "row has", "rows have"));
}

// A table in memory, of the columns that are wanted.
struct SideRows {
  std::vector<std::string> ids;                  // empty when rows go by position
  std::vector<int64_t> lines;                    // of each row; none of an array
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
  std::vector<std::string> names = joined_columns(id, has);
  if (names.size() > 1) return positions(head, names);
  const auto at = std::ranges::find(head.names, id);
  return {at == head.names.end() ? 0 : static_cast<size_t>(at - head.names.begin())};
}

SideRows read_rows(OpenTable table, const SideColumns& columns, const std::vector<size_t>& ids,
                   const CellRules& rules) {
  SideRows out;
  const auto labels = positions(table.head, columns.labels), statics = positions(table.head, columns.statics);
  const auto label_texts = [&] {
    std::vector<std::string> row;
    for (const size_t column : labels) row.push_back(label_cell(table.rows->cells()[column], rules));
    return row;
  };
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
    }
    out.lines.push_back(table.rows->line());
    out.labels.push_back(label_texts());
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
  if (!rows.lines.empty()) s.side_line = rows.lines[row];
}

// The file of each sequence, where each has one of its own; else nothing.
std::vector<std::string> file_of_each(const SequenceSet& set) {
  std::vector<std::string> files;
  std::set<int32_t> seen;
  for (const Sequence& s : set.sequences) {
    if (!seen.insert(s.place.file).second) return {};
    files.push_back(set.files[static_cast<size_t>(s.place.file)]);
  }
  return files;
}

// The column of a table whose cells name the files, and the row of each.
struct NamedFiles {
  std::string column;
  internal::FileRows rows;
};
std::optional<NamedFiles> find_named_files(const std::vector<std::string>& files, const SideColumns& columns,
                                           const SequenceOptions& options) {
  OpenTable table = open_side(options, names_of(options));
  std::vector<size_t> places;  // of columns that may hold names
  for (size_t c = 0; c < table.head.names.size(); ++c) {
    const std::string& name = table.head.names[c];
    if (std::ranges::count(columns.labels, name) + std::ranges::count(columns.statics, name) == 0) places.push_back(c);
  }
  std::vector<std::vector<std::string>> cells(places.size());
  while (table.rows->next()) {
    const auto row = table.rows->cells();
    for (size_t i = 0; i < places.size(); ++i)
      cells[i].emplace_back(places[i] < row.size() ? trimmed(row[places[i]]) : "");
  }
  std::optional<NamedFiles> best;
  for (size_t i = 0; i < places.size(); ++i) {
    auto found = internal::match_files(files, cells[i]);
    if (!found || (best && best->rows.matched() >= found->matched())) continue;
    best = {.column = table.head.names[places[i]], .rows = *std::move(found)};
  }
  return best;
}

void join_by_file(SequenceSet& set, SideRows& rows, const NamedFiles& named, const std::string& side,
                  bool need_labels) {
  for (size_t i = 0; i < set.sequences.size(); ++i) {
    Sequence& s = set.sequences[i];
    if (const auto row = named.rows.row_of[i]) {
      take_row(s, rows, *row);
      continue;
    }
    if (need_labels) fail("{}: no row of its column {} names {}, as others do", side, named.column, set.where(s));
    s.labels.resize(s.labels.size() + rows.labels[0].size());
    s.statics.resize(s.statics.size() + rows.statics[0].size());
  }
  set.notes.push_back(
      fmt::format("{}: rows belong to files by the {} in its column {}", side, named.rows.kind, named.column));
  if (named.rows.matched() < rows.labels.size()) {
    set.notes.push_back(without_sequence(side, rows.labels.size() - named.rows.matched()));
  }
}

void join_by_position(SequenceSet& set, SideRows& rows, const std::string& side) {
  if (rows.labels.size() != set.sequences.size()) {
    fail("{}: {} for {}, without ids to go by", side, counted(std::ssize(rows.labels), "row", "rows"),
         counted(set.size(), "sequence", "sequences"));
  }
  // A shell gives 1, 10, 2 where people count 1, 2, 10.
  if (const auto wrong = internal::out_of_order(file_of_each(set))) {
    fail_usage(
        "{}: no column names the files, and the files are not in natural order: {} comes before {}; add a column of "
        "file names, or give the files in order",
        side, wrong->first, wrong->second);
  }
  for (size_t i = 0; i < set.sequences.size(); ++i) take_row(set.sequences[i], rows, i);
  set.notes.push_back(fmt::format("{}: rows belong to sequences by position, as these have no ids", side));
}

// By the names of files, or else by position.
void join_without_ids(SequenceSet& set, SideRows& rows, const SideColumns& columns, const SequenceOptions& options) {
  const std::string side = options.side_table.string();
  const std::vector<std::string> files = file_of_each(set);
  const bool table = array_format(DataFile(options.side_table)).empty();
  const auto named = table && !files.empty() ? find_named_files(files, columns, options) : std::nullopt;
  if (named) return join_by_file(set, rows, *named, side, options.need_labels);
  join_by_position(set, rows, side);
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
    set.notes.push_back(without_sequence(side, rows.ids.size() - found));
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
    join_without_ids(set, rows, columns, options);
  } else {
    join_by_id(set, rows, side, options.need_labels);
  }
  set.side_table = side;
  set.side_labels = columns.labels.size();
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
