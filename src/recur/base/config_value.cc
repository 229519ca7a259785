#include "recur/base/config_value.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <type_traits>

namespace recur {
namespace {

constexpr std::string_view kSpaces = " \t";

struct Unit {
  std::string_view name;
  double seconds;
};
// From the largest to the smallest, the order in which a sum must name them.
constexpr std::array kUnits = {Unit{"d", 86400}, Unit{"h", 3600}, Unit{"m", 60}, Unit{"s", 1}, Unit{"ms", 1e-3}};

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

// The number at the front of `text`, which loses it; nothing when there is none, or none that is finite.
template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>) {
    if (!std::isfinite(value)) return std::nullopt;
  }
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// The number that is all of `text`.
template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  const std::optional<Number> value = take_number<Number>(text);
  return text.empty() ? value : std::nullopt;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0") return false;
  return std::nullopt;
}

// The elements of "a,b" or "[a, b]", trimmed; nothing when a bracket or an element is missing.
std::optional<std::vector<std::string>> split_list(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[') != text.ends_with(']')) return std::nullopt;
  if (text.starts_with('[')) {
    if (text.size() < 2) return std::nullopt;
    text = trim(text.substr(1, text.size() - 2));
    if (text.empty()) return std::vector<std::string>{};
  }
  std::vector<std::string> elements;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    elements.emplace_back(trim(text.substr(0, comma)));
    if (elements.back().empty()) return std::nullopt;
    if (more) text.remove_prefix(comma + 1);
  }
  return elements;
}

std::optional<std::vector<std::int64_t>> parse_integers(std::string_view text) {
  const auto elements = split_list(text);
  if (!elements) return std::nullopt;
  std::vector<std::int64_t> integers;
  for (const std::string& element : *elements) {
    const auto value = parse_number<std::int64_t>(element);
    if (!value) return std::nullopt;
    integers.push_back(*value);
  }
  return integers;
}

template <class Value>
std::optional<ConfigValue> wrap(std::optional<Value> value) {
  return value ? std::optional<ConfigValue>(std::in_place, std::move(*value)) : std::nullopt;
}

// Takes "number unit" from the front of `text` and adds it to `total`, if the unit comes after the first `used` ones.
bool take_duration(std::string_view& text, std::size_t& used, double& total) {
  const auto amount = take_number<double>(text);
  if (!amount || *amount < 0) return false;
  const std::string_view name = text.substr(0, text.find_first_not_of("dhms"));
  for (std::size_t i = used; i < kUnits.size(); ++i) {
    if (kUnits[i].name != name) continue;
    used = i + 1;
    // Divided where the unit is a fraction of a second, so that 500ms is exactly 0.5.
    total += kUnits[i].seconds < 1 ? *amount / std::round(1 / kUnits[i].seconds) : *amount * kUnits[i].seconds;
    text.remove_prefix(name.size());
    return std::isfinite(total);
  }
  return false;
}

}  // namespace

std::string_view type_name(ConfigType type) {
  switch (type) {
    case ConfigType::kBool:
      return "boolean";
    case ConfigType::kInteger:
      return "integer";
    case ConfigType::kReal:
      return "number";
    case ConfigType::kDuration:
      return "duration";
    case ConfigType::kText:
      return "text";
    case ConfigType::kIntegers:
      return "list of integers";
    case ConfigType::kTexts:
      return "list of texts";
  }
  return "";
}

std::optional<ConfigValue> parse_value(ConfigType type, std::string_view text) {
  switch (type) {
    case ConfigType::kBool:
      return wrap(parse_bool(text));
    case ConfigType::kInteger:
      return wrap(parse_number<std::int64_t>(text));
    case ConfigType::kReal:
      return wrap(parse_number<double>(text));
    case ConfigType::kDuration:
      return wrap(parse_duration(text));
    case ConfigType::kText:
      return ConfigValue(std::string(text));
    case ConfigType::kIntegers:
      return wrap(parse_integers(text));
    case ConfigType::kTexts:
      return wrap(split_list(text));
  }
  return std::nullopt;
}

std::string to_text(ConfigType type, const ConfigValue& value) {
  const auto text = [type](const auto& v) -> std::string {
    using Value = std::remove_cvref_t<decltype(v)>;
    if constexpr (std::is_same_v<Value, std::monostate>) {
      return "none";
    } else if constexpr (std::is_same_v<Value, double>) {
      return type == ConfigType::kDuration ? format_duration(v) : fmt::format("{}", v);
    } else if constexpr (std::is_same_v<Value, std::vector<std::int64_t>> ||
                         std::is_same_v<Value, std::vector<std::string>>) {
      return v.empty() ? "[]" : fmt::format("{}", fmt::join(v, ","));
    } else {
      return fmt::format("{}", v);
    }
  };
  return std::visit(text, value);
}

std::optional<double> parse_duration(std::string_view text) {
  if (const auto plain = parse_number<double>(text)) return *plain >= 0 ? plain : std::nullopt;
  double total = 0;
  std::size_t used = 0;
  do {
    if (!take_duration(text, used, total)) return std::nullopt;
  } while (!text.empty());
  return total;
}

std::string format_duration(double seconds) {
  constexpr double kLargestSplit = 1e9;  // beyond it, hours and minutes tell nobody anything
  if (seconds == 0 || seconds != std::floor(seconds) || seconds > kLargestSplit) return fmt::format("{}s", seconds);
  auto left = static_cast<std::int64_t>(seconds);
  std::string out;
  for (const Unit& unit : {Unit{"h", 3600}, Unit{"m", 60}, Unit{"s", 1}}) {
    const auto length = static_cast<std::int64_t>(unit.seconds);
    if (left >= length) out += fmt::format("{}{}", left / length, unit.name);
    left %= length;
  }
  return out;
}

}  // namespace recur
