#include "recur/data/tables/guess_id.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/data/tables/row_order.h"

namespace recur::internal {
namespace {

// The only two columns of texts or whole numbers, such as shop and article, within whose pairs times rise.
ColumnRoles::Column guess_two_ids(ColumnRoles& roles, size_t time) {
  std::vector<size_t> candidates;
  constexpr size_t kMostCandidates = 8;
  for (size_t c = 0; c < roles.profiles.size() && candidates.size() < kMostCandidates; ++c) {
    const Profile& cells = roles.profiles[c];
    const bool few = cells.values.size() * 2 <= cells.present;
    const bool names = cells.kind == CellKind::kText || (cells.kind == CellKind::kNumber && cells.whole);
    if (roles.free(c) && c != time && few && names) candidates.push_back(c);
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

}  // namespace

ColumnRoles::Column guess_id(ColumnRoles& roles, ColumnRoles::Column time) {
  if (const auto id = roles.named(kIdNames); id && roles.profiles[*id].repeats()) return id;
  if (!time || times_rise(roles, *time, std::nullopt)) return std::nullopt;
  // Sequences of one step each.
  if (const auto id = roles.named(kIdNames); id && times_rise(roles, *time, id)) return id;
  for (const CellKind kind : {CellKind::kText, CellKind::kNumber}) {
    for (size_t c = 0; c < roles.profiles.size(); ++c) {
      const Profile& cells = roles.profiles[c];
      const bool candidate =
          roles.free(c) && c != *time && cells.kind == kind && cells.repeats() && roles.leaves_values(c, *time);
      if (candidate && (kind == CellKind::kText || cells.whole) && times_rise(roles, *time, c)) return c;
    }
  }
  return guess_two_ids(roles, *time);
}

}  // namespace recur::internal
