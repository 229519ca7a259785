#include "cli/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <variant>

#include "cli/table.h"

namespace recur::cli {
namespace {

Json option_json(const ConfigField& field) {
  const auto json = [&field](const auto& value) -> Json {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, std::monostate>) {
      return nullptr;
    } else if constexpr (std::is_same_v<Value, double>) {
      if (field.type == ConfigType::kDuration) return field.value_text();
      return parse_json(field.value_text(), 0).value_or(nullptr);  // with the digits of a float where it is one
    } else {
      return value;
    }
  };
  return std::visit(json, field.get());
}

}  // namespace

std::string cell_text(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* integer = std::get_if<int64_t>(&cell)) return thousands(*integer);
  return real_text(std::get<double>(cell), 5);
}

std::string real_text(double value, int digits) {
  return std::isnan(value) ? "none" : fmt::format("{:.{}g}", value, digits);
}

std::string facts_text(const Description& facts) {
  Facts out;
  for (const Fact& fact : facts) out.add(spaced(fact.name), cell_text(fact.value));
  return out.text();
}

Json cell_json(const TableCell& cell) {
  return std::visit([](const auto& value) { return Json(value); }, cell);
}

Json facts_json(const Description& facts) {
  Json json = Json::object();
  for (const Fact& fact : facts) json[fact.name] = cell_json(fact.value);
  return json;
}

std::string table_text(const Table& each) {
  std::vector<std::vector<std::string>> cells(1, each.columns);
  std::string align(each.columns.size(), 'r');
  for (const auto& row : each.rows) {
    cells.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (std::holds_alternative<std::string>(row[i])) align[i] = 'l';
      cells.back().push_back(cell_text(row[i]));
    }
  }
  return table(cells, align);
}

Json table_json(const Table& each) {
  Json json = {{"columns", each.columns}, {"rows", Json::array()}};
  for (const auto& row : each.rows) {
    Json cells = Json::array();
    for (const TableCell& cell : row) cells.push_back(cell_json(cell));
    json["rows"].push_back(std::move(cells));
  }
  return json;
}

Json fact_json(const std::string& value) {
  const std::optional<Json> number = parse_json(value, 0);
  return number && number->is_number() ? *number : Json(value);
}

std::string fact_text(const std::string& value) {
  const Json json = fact_json(value);
  if (json.is_integer()) return thousands(json.get<int64_t>());
  if (json.is_number()) return fmt::format("{:.5g}", json.get<double>());
  constexpr std::size_t kLongest = 80;
  return value.size() > kLongest ? in_quotes(value.substr(0, kLongest)) + "..." : value;
}

Json options_json(const Config& config) {
  Json json = Json::object();
  for (const ConfigField& field : config.fields()) json[field.key] = option_json(field);
  return json;
}

void add_changed_options(Facts& facts, const Config& config) {
  for (const ConfigField& field : config.fields()) {
    if (field.key != "task" && field.value_text() != field.default_text()) {
      facts.add(spaced(field.key), field.value_text());
    }
  }
}

}  // namespace recur::cli
