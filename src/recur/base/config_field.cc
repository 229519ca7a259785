#include "recur/base/config_field.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace recur {

std::string Range::text() const {
  if (std::isfinite(min) && std::isfinite(max)) {
    return fmt::format("in {}{}, {}{}", open_min ? '(' : '[', min, max, open_max ? ')' : ']');
  }
  if (std::isfinite(min)) return fmt::format("{} {}", open_min ? ">" : ">=", min);
  if (std::isfinite(max)) return fmt::format("{} {}", open_max ? "<" : "<=", max);
  return "";
}

std::string ConfigField::type_text() const {
  std::string text;
  if (!choices.empty()) {
    text = fmt::format("{} {}", type == ConfigType::kTexts ? "list of" : "one of", fmt::join(choices, ", "));
  } else {
    text = type_name(type);
    if (const std::string limits = range.text(); !limits.empty()) text += " " + limits;
  }
  return optional ? text + " (optional)" : text;
}

std::string ConfigField::text_of(const ConfigValue& value) const {
  const double* real = std::get_if<double>(&value);
  if (single && real) {
    // Texts are read as doubles and rounded to floats. That gives the float back for all but the rare text that lies
    // next to the middle between two floats; the digits of the double never fail.
    std::string text = fmt::format("{}", static_cast<float>(*real));
    const auto read = parse_value(type, text);
    if (read && static_cast<float>(std::get<double>(*read)) == static_cast<float>(*real)) return text;
  }
  return to_text(type, value);
}

std::string ConfigField::flag() const {
  std::string name = key;
  std::ranges::replace(name, '_', '-');
  return "--" + name;
}

namespace internal {

#define RECUR_COMPILE(T) template ConfigField bind_field(std::string key, T& variable, std::string help);
RECUR_FOR_EACH_CONFIG_TYPE(RECUR_COMPILE)
#undef RECUR_COMPILE

}  // namespace internal

}  // namespace recur
