// The layout of help texts: headings, and options with their meaning in a second column.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "recur/base/config_field.h"

namespace recur::cli {

// What an option's value is, as far as a shell can complete it.
enum class ValueKind { kNone, kText, kFile, kChoice, kChoices };  // kChoices: with commas between

// An option as help, man pages and completion tell it.
struct HelpOption {
  std::string section;      // its heading
  std::string flag;         // "--hidden"
  std::string placeholder;  // of its value: "N"; "" of an option that takes none
  std::string summary;
  std::string meaning;  // the summary with choices, limits and default
  ValueKind kind = ValueKind::kNone;
  std::vector<std::string> choices{};
  std::string negated{};  // "--no-bias" of one that is on by default
  bool is_key = false;    // of the configuration, which --set sets too
  bool repeats = false;   // may be given several times

  bool operator==(const HelpOption&) const = default;
};

HelpOption describe(const ConfigField& field);

class HelpText {
 public:
  explicit HelpText(std::string begin) : text_(std::move(begin)) {}

  // Begins a group of options; nothing when the heading is the current one.
  void section(std::string_view heading);
  void option(std::string_view flag, std::string_view placeholder, std::string_view help);
  void option(const HelpOption& option);  // with its section

  const std::string& text() const { return text_; }

 private:
  std::string text_, heading_;
};

}  // namespace recur::cli
