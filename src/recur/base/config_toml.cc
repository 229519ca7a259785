// The TOML side of Config.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "recur/base/config.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/json_text.h"

namespace recur {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;  // a list of data can have many files
constexpr int kMaxDots = 8;                                   // in one key

std::string position(const std::string& name, const toml::source_region& region) {
  return fmt::format("{}:{}:{}", name, region.begin.line, region.begin.column);
}

// TOML tells a number from an integer by its point or exponent, but for inf and nan.
std::string with_point(std::string number) {
  if (number.find_first_of(".en") == std::string::npos) number += ".0";
  return number;
}

// One past the string that begins at `at`, of any of TOML's four kinds.
std::size_t string_end(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view three = text.substr(at, 3);
  const bool many_lines = three == R"(""")" || three == "'''";
  const std::string_view end = many_lines ? three : three.substr(0, 1);
  for (at += end.size(); at < text.size() && !text.substr(at).starts_with(end); ++at) {
    if (!many_lines && text[at] == '\n') return at;  // left open: the parser says so
    if (quote == '"' && text[at] == '\\') ++at;
  }
  return std::min(at + end.size(), text.size());
}

// The parser makes a table for each dot of a key and takes them apart by recursion: enough dots exhaust the stack.
void check_dots(std::string_view text, const std::string& name) {
  int dots = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = string_end(text, at) - 1;
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size()) - 1;
    } else if (std::string_view("\n,=[]{}").find(c) != std::string_view::npos) {
      dots = 0;
    } else if (c == '.' && ++dots > kMaxDots) {
      const auto line = std::ranges::count(text.substr(0, at), '\n') + 1;
      fail_usage("{}:{}: expected key = value, got more than {} dots: keys are not grouped", name, line, kMaxDots);
    }
  }
}

toml::table parse(std::string_view text, const std::string& name) {
  check_dots(text, name);
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    fail_usage("{}: {}", position(name, error.source()), error.description());
  }
}

// What a value is, for "expected ..., got ...".
std::string describe(const toml::node& node) {
  constexpr std::size_t kLongest = 60;
  if (const auto* text = node.as_string()) {
    return fmt::format("string \"{}\"{}", text->get().substr(0, kLongest), text->get().size() > kLongest ? "..." : "");
  }
  if (const auto* integer = node.as_integer()) return fmt::format("integer {}", integer->get());
  if (const auto* real = node.as_floating_point())
    return fmt::format("number {}", with_point(fmt::format("{}", real->get())));
  if (const auto* boolean = node.as_boolean()) return fmt::format("boolean {}", boolean->get());
  if (node.is_array()) return "an array";
  if (node.is_table()) return "a table";
  return "a date or time";
}

// The elements of an array, or the value itself as the only one; nothing when one is of another type.
template <class Element>
std::optional<ConfigValue> list_value(const toml::node& node) {
  std::vector<Element> elements;
  const auto take = [&elements](const toml::node& each) {
    const std::optional<Element> element = each.value_exact<Element>();
    if (element) elements.push_back(*element);
    return element.has_value();
  };
  if (const toml::array* array = node.as_array()) {
    for (const toml::node& each : *array) {
      if (!take(each)) return std::nullopt;
    }
  } else if (!take(node)) {
    return std::nullopt;
  }
  return elements;
}

std::optional<ConfigValue> real_value(const toml::node& node) {
  if (const auto* integer = node.as_integer()) return static_cast<double>(integer->get());
  const auto* real = node.as_floating_point();
  if (!real || !std::isfinite(real->get())) return std::nullopt;
  return real->get();
}

std::optional<ConfigValue> duration_value(const toml::node& node) {
  if (const auto* text = node.as_string()) return parse_value(ConfigType::kDuration, text->get());
  const std::optional<ConfigValue> seconds = real_value(node);
  return seconds && std::get<double>(*seconds) >= 0 ? seconds : std::nullopt;
}

// The value of a node, or nothing when it is not of the type. Whole numbers are numbers; nothing else is converted.
std::optional<ConfigValue> value_of(const ConfigField& field, const toml::node& node) {
  if (field.optional && node.value_exact<std::string>() == "none") return std::monostate();
  switch (field.type) {
    case ConfigType::kBool:
      if (const auto* boolean = node.as_boolean()) return boolean->get();
      return std::nullopt;
    case ConfigType::kInteger:
      if (const auto* integer = node.as_integer()) return integer->get();
      return std::nullopt;
    case ConfigType::kReal:
      return real_value(node);
    case ConfigType::kDuration:
      return duration_value(node);
    case ConfigType::kText:
      if (const auto* text = node.as_string()) return text->get();
      return std::nullopt;
    case ConfigType::kIntegers:
      return list_value<std::int64_t>(node);
    case ConfigType::kTexts:
      return list_value<std::string>(node);
  }
  return std::nullopt;
}

// JSON's escapes are TOML's, but for the one control character that JSON leaves bare.
std::string toml_string(const std::string& key, const std::string& text) try {
  std::string quoted = json_quoted(text);
  for (std::size_t at = 0; (at = quoted.find('\x7F', at)) != std::string::npos;) quoted.replace(at, 1, "\\u007F");
  return quoted;
} catch (const JsonError&) {
  fail("{}: cannot be written as TOML: not UTF-8", key);
}

std::string toml_value(const ConfigField& field) {
  const ConfigValue value = field.get();
  if (const auto* text = std::get_if<std::string>(&value)) return toml_string(field.key, *text);
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
    return fmt::format("[{}]", fmt::join(*integers, ", "));
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    std::vector<std::string> quoted;
    for (const std::string& each : *texts) quoted.push_back(toml_string(field.key, each));
    return fmt::format("[{}]", fmt::join(quoted, ", "));
  }
  const bool unset = std::holds_alternative<std::monostate>(value);
  if (unset || field.type == ConfigType::kDuration) return fmt::format("\"{}\"", field.value_text());
  return field.type == ConfigType::kReal ? with_point(field.value_text()) : field.value_text();
}

std::string comment(const ConfigField& field) {
  std::string text = fmt::format("# {} ({}; default {})", field.help, field.type_text(), field.default_text());
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 3) text.replace(at, 1, "\n# ");
  return text + "\n";
}

}  // namespace

void Config::read_file(const std::filesystem::path& path) {
  parse_toml(recur::read_file(path, kMaxFileBytes), path.string());
}

void Config::parse_toml(std::string_view text, const std::string& name) {
  const toml::table table = parse(text, name);
  // In the order of the file, so that the first mistake is the one reported.
  std::vector<std::pair<const toml::key*, const toml::node*>> entries;
  for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
  std::ranges::sort(entries, {}, [](const auto& entry) {
    const toml::source_position at = entry.first->source().begin;
    return std::pair(at.line, at.column);
  });
  for (const auto& [key, node] : entries) {
    const std::string at = position(name, key->source());
    if (node->is_table() && !find(key->str())) {
      fail_usage("{}: expected key = value, got a table \"{}\": keys are not grouped", at, key->str());
    }
    ConfigField& target = field(key->str(), at);
    const std::string where = fmt::format("{}: {}", position(name, node->source()), key->str());
    const std::optional<ConfigValue> value = value_of(target, *node);
    if (!value) fail_usage("{}: expected {}, got {}", where, target.type_text(), describe(*node));
    set_checked(target, *value, where);
  }
}

std::string Config::to_toml() const {
  std::string out;
  std::string_view heading;
  for (const ConfigField& field : fields_) {
    if (!out.empty()) out += "\n";
    if (heading != field.section) {
      heading = field.section;
      out += fmt::format("## {}\n\n", heading);
    }
    out += fmt::format("{}{} = {}\n", comment(field), field.key, toml_value(field));
  }
  return out;
}

}  // namespace recur
