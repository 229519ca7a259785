#include "recur/data/tables/columns.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/data/tables/cell_text.h"
#include "recur/data/tables/date_time.h"

namespace recur {
namespace {

constexpr std::array<std::string_view, 4> kLayoutNames{"auto", "long", "wide", "observations"};

constexpr std::array<std::pair<std::string_view, std::string Columns::*>, 4> kSingle{
    {{"id", &Columns::id}, {"time", &Columns::time}, {"parameter", &Columns::parameter}, {"value", &Columns::value}}};

// Written where they are not empty.
constexpr std::array<std::pair<std::string_view, std::string Columns::*>, 3> kFound{
    {{"time_format", &Columns::time_format}, {"decimal", &Columns::decimal}, {"thousands", &Columns::thousands}}};

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

double Columns::offset(std::string_view channel) const {
  const auto at = std::ranges::find_if(offsets, [channel](const auto& each) { return each.first == channel; });
  return at == offsets.end() ? 0 : at->second;
}

std::string Columns::to_text() const {
  Json json{{"layout", layout_name(layout)}, {"complete", complete}};
  for (const auto& [key, member] : kSingle) json[key] = this->*member;
  for (const auto& [key, member] : kLists) json[key] = this->*member;
  for (const auto& [key, member] : kFound) {
    if (!(this->*member).empty()) json[key] = this->*member;
  }
  if (dated) json["dated"] = true;
  if (!offsets.empty()) {
    json["offsets"] = Json::object();
    for (const auto& [channel, offset] : offsets) json["offsets"].add(channel, offset);
  }
  return json.dump(BadUtf8::kReplace);
}

Columns Columns::from_text(std::string_view text) try {
  const auto json = parse_json(text, 4);
  if (!json) fail("not JSON");
  Columns columns;
  for (const auto& [key, member] : kFound) {
    if (json->contains(key)) columns.*member = json->at(key).get<std::string>();
  }
  number_marks(columns.decimal, columns.thousands);
  check_time_format(columns.time_format);
  if (json->contains("offsets")) {
    for (const auto& [channel, offset] : json->at("offsets").items()) {
      columns.offsets.emplace_back(channel, offset.get<double>());
    }
  }
  if (json->contains("dated")) columns.dated = json->at("dated").get<bool>();
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
