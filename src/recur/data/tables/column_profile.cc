#include "recur/data/tables/column_profile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "recur/data/files/plain_text.h"

namespace recur::internal {
namespace {

constexpr double kMost = 0.9;  // the share of cells that makes a column's kind

bool is_yes_or_no(std::string_view cell) {
  constexpr std::array<std::string_view, 6> kWords{"true", "false", "yes", "no", "normal", "anomaly"};
  return std::ranges::find(kWords, lower_ascii(trimmed(cell))) != kWords.end();
}

}  // namespace

Profile profile_of(const TableHead& head, size_t column, const CellRules& rules, bool look_for_dates) {
  std::array<size_t, 5> counts{};
  Profile profile;
  profile.whole = profile.words = profile.binary = true;
  size_t dates = 0;
  for (size_t row = 0; row < head.rows.size(); ++row) {
    const std::string_view text =
        column < head.rows[row].size() ? std::string_view(head.rows[row][column]) : std::string_view();
    const CellKind kind = rules.kind(text);
    ++counts[static_cast<size_t>(kind)];
    if (kind == CellKind::kMissing) continue;
    ++profile.present;
    profile.values.emplace(text);
    const auto number = rules.number(text);
    profile.whole = profile.whole && number && *number == std::floor(*number);
    dates += look_for_dates && rules.date(text) ? 1 : 0;
    profile.binary = profile.binary && ((number && (*number == 0 || *number == 1)) || is_yes_or_no(text));
    profile.words = profile.words && kind == CellKind::kText;
  }
  for (const CellKind kind : {CellKind::kNumber, CellKind::kDate, CellKind::kClock}) {
    const auto count = static_cast<double>(counts[static_cast<size_t>(kind)]);
    if (count > kMost * static_cast<double>(profile.present)) profile.kind = kind;
  }
  if (profile.present > 0 && profile.kind == CellKind::kMissing) profile.kind = CellKind::kText;
  profile.dates = dates * 2 > profile.present;  // the others are errors for who reads them
  profile.binary = profile.binary && profile.present > 0;
  return profile;
}

}  // namespace recur::internal
