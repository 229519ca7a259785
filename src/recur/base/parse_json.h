// JSON from a file that nobody vouches for. For sources alone: headers of the library do not show nlohmann-json.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "recur/base/error.h"

namespace recur::internal {

// The document, or nothing when it is no valid JSON or has arrays and objects more than `deepest` inside each other,
// which is found before the document grows in memory.
template <class Json>
std::optional<Json> parse_json(std::string_view text, int deepest) try {
  const auto refuse_deeper = [deepest](int depth, typename Json::parse_event_t event, Json&) {
    const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth >= deepest) fail("nested deeper than {}", deepest);
    return true;
  };
  if (text.find('\0') != text.npos) return std::nullopt;  // the parser would take it for the end of the text
  return Json::parse(text, refuse_deeper);
} catch (const typename Json::exception&) {
  return std::nullopt;
} catch (const Error&) {
  return std::nullopt;
}

}  // namespace recur::internal
