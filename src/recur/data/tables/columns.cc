#include "recur/data/tables/columns.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 4> kLayoutNames{"auto", "long", "wide", "observations"};

constexpr std::array<std::pair<std::string_view, std::string Columns::*>, 4> kSingle{
    {{"id", &Columns::id}, {"time", &Columns::time}, {"parameter", &Columns::parameter}, {"value", &Columns::value}}};

constexpr std::array<std::pair<std::string_view, std::vector<std::string> Columns::*>, 7> kLists{
    {{"values", &Columns::values},
     {"past", &Columns::past},
     {"future", &Columns::future},
     {"labels", &Columns::labels},
     {"step_labels", &Columns::step_labels},
     {"statics", &Columns::statics},
     {"ignored", &Columns::ignored}}};

std::optional<Layout> find_layout(std::string_view name) {
  for (size_t i = 0; i < kLayoutNames.size(); ++i) {
    if (kLayoutNames[i] == name) return static_cast<Layout>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view layout_name(Layout layout) { return kLayoutNames[static_cast<size_t>(layout)]; }

Layout layout_from_name(std::string_view name) {
  if (const auto layout = find_layout(name)) return *layout;
  fail_usage("unknown layout '{}'; layouts: {}", name, fmt::join(kLayoutNames, ", "));
}

std::string Columns::to_text() const {
  Json json{{"layout", layout_name(layout)}, {"complete", complete}};
  for (const auto& [key, member] : kSingle) json[key] = this->*member;
  for (const auto& [key, member] : kLists) json[key] = this->*member;
  return json.dump(BadUtf8::kReplace);
}

Columns Columns::from_text(std::string_view text) try {
  const auto json = parse_json(text, 4);
  if (!json) fail("not JSON");
  Columns columns;
  const auto layout = find_layout(json->at("layout").get<std::string>());
  if (!layout) fail("unknown layout");
  columns.layout = *layout;
  columns.complete = json->at("complete").get<bool>();
  for (const auto& [key, member] : kSingle) columns.*member = json->at(key).get<std::string>();
  for (const auto& [key, member] : kLists) columns.*member = json->at(key).get<std::vector<std::string>>();
  return columns;
} catch (const std::exception& error) {
  fail("columns: damaged description: {}", error.what());
}

}  // namespace recur
