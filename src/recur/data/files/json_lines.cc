#include "recur/data/files/json_lines.h"

#include <algorithm>

#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

// The line with null in the place of NaN, as Python writes it, outside of texts. `infinity`: where Infinity stands.
std::string with_null_for_nan(std::string_view line, std::optional<size_t>& infinity) {
  constexpr std::string_view kNan = "NaN", kInfinity = "Infinity";
  std::string out;
  bool inside = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (!inside && line.substr(i).starts_with(kNan)) {
      out += "null";
      i += kNan.size() - 1;
      continue;
    }
    if (!inside && !infinity && line.substr(i).starts_with(kInfinity)) infinity = i;
    if (line[i] == '"') inside = !inside;
    out += line[i];
    if (inside && line[i] == '\\' && i + 1 < line.size()) out += line[++i];
  }
  return out;
}

}  // namespace

bool JsonLines::next() {
  std::string_view line;
  do {
    if (!lines_.next(line)) return false;
  } while (trimmed(line).empty());
  if (line.size() > kLongestLine) fail_here("an object of more than {} bytes", kLongestLine);
  auto parsed = parse_json(line, kDeepest);
  if (!parsed) {
    std::optional<size_t> infinity;
    const std::string without_nan = with_null_for_nan(line, infinity);
    if (infinity)
      fail_here("position {}: Infinity is no number of JSON; write null for a missing value", *infinity + 1);
    parsed = parse_json(without_nan, kDeepest);
  }
  if (!parsed && find_invalid_utf8(line) != kNoPosition) {
    fail_here("expected a JSON object in UTF-8, but byte {} is none; convert the file", find_invalid_utf8(line) + 1);
  }
  if ((!parsed || parsed->is_array()) && trimmed(line).starts_with('[')) {
    fail_here("expected a JSON object in this line, got an array; write each object in it in a line of its own");
  }
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
  if (!text) fail_here("key {}: expected one value, got {}", quoted_cell(key), value->type_name());
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
