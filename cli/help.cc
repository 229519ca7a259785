#include "cli/help.h"

#include <fmt/format.h>

#include <limits>

namespace recur::cli {
namespace {

constexpr std::size_t kColumn = 30;  // where meanings begin
constexpr std::size_t kWidth = 100;

// The placeholder for the value of a flag.
std::string placeholder_of(const ConfigField& field) {
  switch (field.type) {
    case ConfigType::kBool:
      return "";
    case ConfigType::kInteger:
      return "N";
    case ConfigType::kReal:
      return "X";
    case ConfigType::kDuration:
      return "TIME";
    case ConfigType::kText:
      return field.choices.empty() ? "TEXT" : "NAME";
    case ConfigType::kIntegers:
      return "N,...";
    case ConfigType::kTexts:
      return "TEXT,...";
  }
  return "";
}

// The limits worth showing; those that only exclude nonsense appear in error messages.
std::string limits_of(const ConfigField& field) {
  constexpr double kEndless = 1e5;
  Range range = field.range;
  if (range.max >= kEndless) range.max = std::numeric_limits<double>::infinity();
  if (range.min == 0 && !range.open_min && range.max > kEndless) return "";
  return range.text();
}

std::string meaning_of(const ConfigField& field) {
  std::string out = field.help;
  if (!field.choices.empty()) out += fmt::format("; one of {}", fmt::join(field.choices, ", "));
  if (const std::string limits = limits_of(field); !limits.empty()) out += fmt::format(", {}", limits);
  const bool* usual = std::get_if<bool>(&field.default_value);  // null of an option that need not be set
  if (usual != nullptr && *usual) {
    return out + fmt::format(" (default yes; --no-{} turns it off)", field.flag().substr(2));
  }
  if (field.type == ConfigType::kBool) return out;
  // An option that is not set has no default, or one that its help explains.
  if (std::holds_alternative<std::monostate>(field.default_value)) return out;
  const std::string value = field.default_text();
  return out + fmt::format(" (default {})", value.empty() || value == "[]" ? "empty" : value);
}

ValueKind kind_of(const ConfigField& field) {
  if (field.type == ConfigType::kBool) return ValueKind::kNone;
  if (!field.choices.empty()) return field.type == ConfigType::kTexts ? ValueKind::kChoices : ValueKind::kChoice;
  return field.type == ConfigType::kText ? ValueKind::kFile : ValueKind::kText;  // many texts name files
}

}  // namespace

HelpOption describe(const ConfigField& field) {
  HelpOption option{.section = field.section.empty() ? "Options" : field.section,
                    .flag = field.flag(),
                    .placeholder = placeholder_of(field),
                    .summary = field.help,
                    .meaning = meaning_of(field),
                    .kind = kind_of(field),
                    .choices = field.choices,
                    .is_key = true};
  const bool* usual = std::get_if<bool>(&field.default_value);
  if (usual != nullptr && *usual) option.negated = "--no-" + option.flag.substr(2);
  return option;
}

void HelpText::section(std::string_view heading) {
  if (heading == heading_) return;
  heading_ = heading;
  text_ += fmt::format("\n{}:\n", heading);
}

void HelpText::option(std::string_view flag, std::string_view placeholder, std::string_view help) {
  std::string line = fmt::format("  {} {}", flag, placeholder);
  std::string_view rest = help;
  line.resize(std::max(line.size(), kColumn - 2), ' ');
  line += "  ";
  while (line.size() + rest.size() > kWidth) {
    const std::size_t cut = rest.rfind(' ', kWidth - line.size());
    if (cut == std::string_view::npos || cut == 0) break;
    line += rest.substr(0, cut);
    text_ += line + "\n";
    rest.remove_prefix(cut + 1);
    line.assign(kColumn, ' ');
  }
  text_ += fmt::format("{}{}\n", line, rest);
}

void HelpText::option(const HelpOption& option) {
  section(option.section);
  this->option(option.flag, option.placeholder, option.meaning);
}

}  // namespace recur::cli
