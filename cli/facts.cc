#include "cli/facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/table.h"

namespace recur::cli {

std::string spaced(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', ' ');
  return out;
}

std::string cell_text(const TableCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* integer = std::get_if<int64_t>(&cell)) return thousands(*integer);
  return fmt::format("{:.5g}", std::get<double>(cell));
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

}  // namespace recur::cli
