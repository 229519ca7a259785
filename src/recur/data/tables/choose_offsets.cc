#include "recur/data/tables/choose_offsets.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "recur/data/files/plain_text.h"
#include "recur/data/tables/digit_loss.h"

namespace recur::internal {
namespace {

// Of a channel, from row to row of every sequence.
DigitLoss digit_loss(const ColumnRoles& roles, size_t column) {
  DigitLoss loss;
  const ColumnRoles::Column id = roles.id_column();
  std::map<std::string_view, double> before;
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  for (size_t row = 0; row < roles.rows(); ++row) {
    const double value = roles.rules.number(roles.cell(row, column)).value_or(kNone);
    double& last = before.emplace(id ? roles.cell(row, *id) : std::string_view(), kNone).first->second;
    loss.add(value, last);
    last = value;
  }
  return loss;
}

// Of the one channel whose values stand beside each other.
DigitLoss digit_loss_of_rows(const ColumnRoles& roles) {
  DigitLoss loss;
  for (size_t row = 0; row < roles.rows(); ++row) {
    double before = std::numeric_limits<double>::quiet_NaN();
    const auto& cells = roles.head.rows[row];  // may be more than there are names
    for (size_t c = 0; c < cells.size(); ++c) {
      if (c < roles.head.names.size() && !roles.free(c)) continue;
      const double value = roles.rules.number(cells[c]).value_or(std::numeric_limits<double>::quiet_NaN());
      loss.add(value, before);
      before = value;
    }
  }
  return loss;
}

void add_offset(ColumnRoles& roles, const std::string& channel, const DigitLoss& loss) {
  if (!loss.found()) return;
  const auto offset = roles.options.keep_level ? std::nullopt : loss.offset();
  if (offset) roles.columns.offsets.emplace_back(channel, *offset);
  roles.notes.push_back(offset_note(roles.file, channel, offset));
}

// Of each parameter, from row to row of every sequence.
void choose_offsets_of_observations(ColumnRoles& roles) {
  const ColumnRoles::Column parameter = roles.column_of(roles.columns.parameter),
                            value = roles.column_of(roles.columns.value), id = roles.id_column();
  if (!parameter || !value) return;
  struct OfParameter {
    DigitLoss loss;
    std::map<std::string_view, double> last;  // of each sequence
  };
  std::map<std::string_view, OfParameter> all;
  for (size_t row = 0; row < roles.rows(); ++row) {
    const auto number = roles.rules.number(roles.cell(row, *value));
    if (!number) continue;
    OfParameter& own = all[trimmed(roles.cell(row, *parameter))];
    const auto [at, first] = own.last.emplace(id ? roles.cell(row, *id) : std::string_view(), *number);
    own.loss.add(*number, first ? std::numeric_limits<double>::quiet_NaN() : at->second);
    at->second = *number;
  }
  for (const auto& [name, own] : all) add_offset(roles, std::string(name), own.loss);
}

}  // namespace

void choose_offsets(ColumnRoles& roles) {
  if (roles.columns.layout == Layout::kWide) return add_offset(roles, "value", digit_loss_of_rows(roles));
  if (roles.columns.layout == Layout::kObservations) return choose_offsets_of_observations(roles);
  for (const auto* names : {&roles.columns.values, &roles.columns.past, &roles.columns.future}) {
    for (const std::string& name : *names) add_offset(roles, name, digit_loss(roles, *roles.head.find(name)));
  }
}

}  // namespace recur::internal
