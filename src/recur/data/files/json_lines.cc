#include "recur/data/files/json_lines.h"

#include <algorithm>

#include "recur/data/files/plain_text.h"

namespace recur {

bool JsonLines::next() {
  std::string_view line;
  do {
    if (!lines_.next(line)) return false;
  } while (trimmed(line).empty());
  if (line.size() > kLongestLine) fail_here("an object of more than {} bytes", kLongestLine);
  auto parsed = parse_json(line, kDeepest);
  if (!parsed || !parsed->is_object()) fail_here("expected a JSON object in this line, got {}", quoted_cell(line));
  object_ = std::move(*parsed);
  return true;
}

std::vector<std::string> JsonLines::keys() const {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object_.items()) keys.push_back(key);
  return keys;
}

std::optional<std::string> JsonLines::first_key(std::span<const std::string_view> names) const {
  for (const auto& [key, value] : object_.items()) {
    if (std::ranges::find(names, lower_ascii(key)) != names.end()) return key;
  }
  return std::nullopt;
}

std::optional<std::string> JsonLines::scalar(const std::string& key) const {
  const Json* value = object_.find(key);
  if (value == nullptr) return std::nullopt;
  auto text = json_scalar_text(*value);
  if (!text) fail_here("key '{}': expected one value, got {}", key, value->type_name());
  return text;
}

std::optional<std::string> json_scalar_text(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_text()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number()) return value.dump();
  return std::nullopt;
}

}  // namespace recur
