#include "recur/base/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <type_traits>

#include "recur/base/error.h"
#include "recur/base/suggest.h"

namespace recur {
namespace {

std::vector<std::string_view> keys_of(std::span<const ConfigField> fields) {
  std::vector<std::string_view> keys;
  for (const ConfigField& field : fields) keys.push_back(field.key);
  return keys;
}

// Files and command lines may hold anything; a message shows the beginning of it.
std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  return text.size() <= kLongest ? fmt::format("\"{}\"", text) : fmt::format("\"{}...\"", text.substr(0, kLongest));
}

void check_integer(const ConfigField& field, std::int64_t value, std::string_view where) {
  if (!field.range.contains(static_cast<double>(value))) {
    fail_usage("{}: expected {} {}, got {}", where, type_name(field.type), field.range.text(), value);
  }
  if (value < field.lowest || value > field.highest) {
    fail_usage("{}: expected {} in [{}, {}], got {}", where, type_name(field.type), field.lowest, field.highest, value);
  }
}

void check_choice(const ConfigField& field, const std::string& value, std::string_view where) {
  if (field.choices.empty() || std::ranges::count(field.choices, value)) return;
  const std::vector<std::string_view> known(field.choices.begin(), field.choices.end());
  fail_usage("{}: expected one of {}, got {}{}", where, fmt::join(field.choices, ", "), shown(value),
             did_you_mean(value, known));
}

void check(const ConfigField& field, const ConfigValue& value, std::string_view where) {
  const auto check_one = [&](const auto& v) {
    using Value = std::remove_cvref_t<decltype(v)>;
    if constexpr (std::is_same_v<Value, std::int64_t>) {
      check_integer(field, v, where);
    } else if constexpr (std::is_same_v<Value, double>) {
      if (!field.range.contains(field.single ? static_cast<double>(static_cast<float>(v)) : v)) {
        fail_usage("{}: expected {} {}, got {}", where, type_name(field.type), field.range.text(), v);
      }
      if (field.single && std::abs(v) > static_cast<double>(std::numeric_limits<float>::max())) {
        fail_usage("{}: expected a number that fits a 32-bit float, got {}", where, v);
      }
    } else if constexpr (std::is_same_v<Value, std::string>) {
      check_choice(field, v, where);
    } else if constexpr (std::is_same_v<Value, std::vector<std::int64_t>>) {
      for (const std::int64_t each : v) check_integer(field, each, where);
    } else if constexpr (std::is_same_v<Value, std::vector<std::string>>) {
      for (const std::string& each : v) check_choice(field, each, where);
    }
  };
  std::visit(check_one, value);
}

std::string markdown_cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

const ConfigField* Config::find(std::string_view key) const {
  const auto found = std::ranges::find(fields_, key, &ConfigField::key);
  return found == fields_.end() ? nullptr : &*found;
}

ConfigField& Config::field(std::string_view key, std::string_view where) {
  const auto found = std::ranges::find(fields_, key, &ConfigField::key);
  if (found == fields_.end()) {
    fail_usage("{}: unknown key {}{}", where, shown(key), did_you_mean(key, keys_of(fields_)));
  }
  return *found;
}

void Config::set_checked(ConfigField& field, const ConfigValue& value, std::string_view where) {
  check(field, value, where);
  field.set(value);
  field.given = true;
}

void Config::set_from_string(std::string_view key, std::string_view text, std::string_view where) {
  std::string name(key);
  std::ranges::replace(name, '-', '_');
  if (where.empty()) where = key;
  ConfigField& target = field(name, where);
  if (target.optional && text == "none") return set_checked(target, std::monostate(), where);
  const std::optional<ConfigValue> value = parse_value(target.type, text);
  if (!value) fail_usage("{}: expected {}, got {}", where, target.type_text(), shown(text));
  set_checked(target, *value, where);
}

void Config::apply_override(std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    fail_usage("--set: expected key=value, got {}", shown(assignment));
  }
  const std::string_view key = assignment.substr(0, equals);
  set_from_string(key, assignment.substr(equals + 1), fmt::format("--set {}", key));
}

std::string Config::to_markdown() const {
  std::string out;
  const std::string* heading = nullptr;
  for (const ConfigField& field : fields_) {
    if (!heading || *heading != field.section) {
      if (heading) out += "\n";
      if (!field.section.empty()) out += fmt::format("### {}\n\n", field.section);
      out += "| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
      heading = &field.section;
    }
    out += fmt::format("| `{}` | {} | `{}` | {} |\n", field.key, markdown_cell(field.type_text()),
                       markdown_cell(field.default_text()), markdown_cell(field.help));
  }
  return out;
}

}  // namespace recur
