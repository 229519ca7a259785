#include "recur/data/files/json_lines.h"

#include <algorithm>
#include <utility>

#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"

namespace recur {
namespace {

// A text with null in the place of NaN, as Python writes it, outside of texts.
struct NoNan {
  std::string text;
  std::vector<size_t> places;      // of null, which is a byte longer
  std::optional<size_t> infinity;  // where Infinity stands

  size_t byte_before(size_t byte) const {
    return byte - static_cast<size_t>(std::ranges::count_if(places, [&](size_t place) { return place + 1 < byte; }));
  }
};

NoNan with_null_for_nan(std::string_view line) {
  constexpr std::string_view kNan = "NaN", kInfinity = "Infinity";
  NoNan out;
  bool inside = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (!inside && line.substr(i).starts_with(kNan)) {
      out.places.push_back(out.text.size());
      out.text += "null";
      i += kNan.size() - 1;
      continue;
    }
    if (!inside && !out.infinity && line.substr(i).starts_with(kInfinity)) out.infinity = i;
    if (line[i] == '"') inside = !inside;
    out.text += line[i];
    if (inside && line[i] == '\\' && i + 1 < line.size()) out.text += line[++i];
  }
  return out;
}

}  // namespace

bool begins_json_objects(std::string_view head) {
  const auto skip = [&head] {
    const size_t at = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    head.remove_prefix(std::min(at, head.size()));
  };
  skip();
  if (head.starts_with('[')) {
    head.remove_prefix(1);
    skip();
  }
  if (!head.starts_with('{')) return false;
  head.remove_prefix(1);
  skip();
  return head.empty() || head.front() == '"' || head.front() == '}';
}

void JsonLines::check_longest(size_t bytes) const {
  if (bytes > kLongestLine) fail_here("an object of more than {} bytes", kLongestLine);
}

bool JsonLines::next_line() {
  do {
    if (!lines_.next(rest_)) return false;
  } while (trimmed(rest_).empty());
  return true;
}

// Whether the file is an array of objects; leaves what is behind its bracket, from which on next_mark() goes on.
bool JsonLines::begins_array() {
  const std::string_view line = trimmed(rest_);
  if (!line.starts_with('[')) return false;
  const std::string_view behind = trimmed(line.substr(1));
  if (!behind.empty() && !behind.starts_with('{')) return false;
  rest_ = behind;
  return true;
}

// The next character that is not blank, which is passed; 0 at the end of the file.
char JsonLines::next_mark() {
  rest_ = trimmed(rest_);
  if (rest_.empty()) {
    if (!next_line()) return '\0';
    rest_ = trimmed(rest_);
  }
  line_ = lines_.line();
  const char mark = rest_.front();
  rest_.remove_prefix(1);
  return mark;
}

bool JsonLines::next_element(std::string_view& text) {
  char mark = next_mark();
  if (mark == '\0') fail_here("the array is not closed: ] is missing");
  if (!first_element_ && mark != ']') {
    if (mark != ',') fail_here("expected , or ] behind an object of the array");
    mark = next_mark();
  }
  first_element_ = false;
  if (mark == ']') {
    if (next_mark() != '\0') fail_here("expected nothing behind the array");
    return false;
  }
  if (mark != '{') fail_here("expected JSON objects in the array");
  element_ = "{";
  int depth = 1;
  bool inside = false;
  for (;;) {
    for (size_t i = 0; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (inside && c == '\\') {
        ++i;
      } else if (c == '"') {
        inside = !inside;
      } else if (!inside && (c == '{' || c == '[')) {
        ++depth;
      } else if (!inside && (c == '}' || c == ']') && --depth == 0) {
        element_.append(rest_.substr(0, i + 1));
        rest_.remove_prefix(i + 1);
        text = element_;
        return true;
      }
    }
    element_.append(rest_);
    element_ += '\n';
    check_longest(element_.size());
    if (!lines_.next(rest_)) fail_here("the object is cut off: the file ends within it");
  }
}

bool JsonLines::next_text(std::string_view& text) {
  if (in_array_) return next_element(text);
  if (!next_line()) return false;
  if (!std::exchange(begun_, true) && begins_array()) {
    in_array_ = true;
    return next_element(text);
  }
  line_ = lines_.line();
  text = rest_;
  return true;
}

// The byte, from 1, is one of a text that may go over several lines.
void JsonLines::fail_at(std::string_view text, const JsonRead& read, size_t byte) const {
  const std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
  const auto line = line_ + std::ranges::count(before, '\n');
  const size_t begin = before.rfind('\n') + 1;  // 0 without one
  const std::string of_line =
      before.size() == text.size() && !in_array_ ? "; an object must be in one line, or in an array of objects" : "";
  fail("{}:{}: expected a JSON object, got {}; position {}: {}{}", name(), line,
       quoted_cell(text.substr(begin).substr(0, text.substr(begin).find('\n'))), before.size() - begin + 1, read.fault,
       of_line);
}

void JsonLines::take(std::string_view text) {
  check_longest(text.size());
  JsonRead read = read_json(text, kDeepest);
  size_t byte = read.byte;
  if (!read.document) {
    const NoNan without = with_null_for_nan(text);
    if (without.infinity) {
      fail_here("position {}: Infinity is not a JSON number; write null for a missing value", *without.infinity + 1);
    }
    if (!without.places.empty()) {
      read = read_json(without.text, kDeepest);
      byte = without.byte_before(read.byte);
    }
  }
  if (!read.document && find_invalid_utf8(text) != kNoPosition) {
    fail_here("expected a JSON object in UTF-8, but byte {} is not UTF-8; convert the file",
              find_invalid_utf8(text) + 1);
  }
  const std::string_view line = trimmed(text);
  if ((!read.document || read.document->is_array()) && line.starts_with('[')) {
    fail_here("expected a JSON object in this line, got an array");
  }
  if (!line.starts_with('{')) fail_here("expected a JSON object in this line, got {}", quoted_cell(text));
  if (!read.document) fail_at(text, read, byte);
  if (!read.repeated_key.empty()) fail_here("an object has the key {} twice", quoted_cell(read.repeated_key));
  object_ = std::move(*read.document);
}

bool JsonLines::next() {
  std::string_view text;
  if (!next_text(text)) return false;
  take(text);
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
