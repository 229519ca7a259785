#include "recur/data/tables/guess_id.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/tables/day_and_clock.h"
#include "recur/data/tables/row_order.h"

namespace recur::internal {
namespace {

constexpr size_t kFewestSteps = 3;  // of a series, on average, that is told from rows of their own

// The only two columns of texts or whole numbers, such as shop and article, within whose pairs times rise.
ColumnRoles::Column guess_two_ids(ColumnRoles& roles, size_t time) {
  std::vector<size_t> candidates;
  constexpr size_t kMostCandidates = 8;
  for (size_t c = 0; c < roles.profiles.size() && candidates.size() < kMostCandidates; ++c) {
    const Profile& cells = roles.profiles[c];
    const bool few = cells.values.size() * 2 <= cells.present;
    const bool names = cells.kind == CellKind::kText || (cells.kind == CellKind::kNumber && cells.whole);
    if (roles.free(c) && c != time && few && names && !is_other_half(roles, c, time)) candidates.push_back(c);
  }
  std::vector<std::pair<size_t, size_t>> fitting;
  for (size_t i = 0; i < candidates.size(); ++i) {
    for (size_t j = i + 1; j < candidates.size(); ++j) {
      roles.join_ids(std::array{candidates[i], candidates[j]});
      if (times_rise(roles, time, roles.head.names.size())) fitting.emplace_back(candidates[i], candidates[j]);
    }
  }
  roles.part_ids();
  if (fitting.empty()) return std::nullopt;
  const auto [first, second] = fitting[0];
  const auto& names = roles.head.names;
  if (fitting.size() > 1) {
    fail_usage("{}: times start again; which columns identify the series? id_column = {},{} or {},{} would do",
               roles.file, names[first], names[second], names[fitting[1].first], names[fitting[1].second]);
  }
  roles.take_joined_ids(std::array{first, second});
  roles.notes.push_back(
      fmt::format("{}: series are identified by two columns, id_column = {}", roles.file, roles.columns.id));
  return roles.head.names.size();
}

// The first column within whose groups times rise. `few`: of few different cells.
ColumnRoles::Column guess_by_times(const ColumnRoles& roles, size_t time, bool few) {
  for (const CellKind kind : {CellKind::kText, CellKind::kNumber}) {
    for (size_t c = 0; c < roles.profiles.size(); ++c) {
      const Profile& cells = roles.profiles[c];
      const bool candidate = roles.free(c) && c != time && cells.kind == kind && cells.repeats() &&
                             roles.leaves_values(c, time) && !is_other_half(roles, c, time);
      if (!candidate || (few && cells.values.size() * kFewestSteps > cells.present)) continue;
      if ((kind == CellKind::kText || cells.whole) && times_rise(roles, time, c)) return c;
    }
  }
  return std::nullopt;
}

// Whether a column called as ids are numbers the rows of a table that is too long to be one of records.
bool numbers_rows(const ColumnRoles& roles, size_t id) {
  constexpr size_t kLongTable = 50;
  const bool labelled = !roles.columns.labels.empty() || !roles.columns.step_labels.empty() || roles.named(kLabelNames);
  return !labelled && roles.rows() >= kLongTable && counts(roles, id, std::nullopt);
}

ColumnRoles::Column guess_by_contents(ColumnRoles& roles, size_t time, bool few) {
  const auto id = guess_by_times(roles, time, few);
  if (!id) return guess_two_ids(roles, time);
  roles.notes.push_back(fmt::format(
      "{}: column {} is taken for the id of series, since times start anew where it changes; set id_column to another",
      roles.file, quoted_cell(roles.head.names[*id])));
  return id;
}

}  // namespace

ColumnRoles::Column guess_id(ColumnRoles& roles, ColumnRoles::Column time) {
  const auto named = roles.named(kIdNames);
  if (named && roles.profiles[*named].repeats()) return named;
  if (!time || times_rise(roles, *time, std::nullopt)) return std::nullopt;
  // Sequences of one step each, unless other columns tell series apart.
  if (!named || !times_rise(roles, *time, named)) return guess_by_contents(roles, *time, false);
  if (!numbers_rows(roles, *named)) return named;
  const auto other = guess_by_contents(roles, *time, true);
  if (!other) {
    roles.notes.push_back(fmt::format("{}: column {} is the id of sequences of one step each; set id_column to another",
                                      roles.file, quoted_cell(roles.head.names[*named])));
    return named;
  }
  roles.notes.push_back(
      fmt::format("{}: column {} is left out: it counts the rows; id_column or value_columns can "
                  "name it",
                  roles.file, quoted_cell(roles.head.names[*named])));
  roles.take(*named, roles.columns.ignored);
  return other;
}

}  // namespace recur::internal
