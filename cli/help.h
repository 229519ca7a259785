// The layout of help texts: headings, and options with their meaning in a second column.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "recur/base/config_field.h"

namespace recur::cli {

class HelpText {
 public:
  explicit HelpText(std::string begin) : text_(std::move(begin)) {}

  // Begins a group of options; nothing when the heading is the current one.
  void section(std::string_view heading);
  void option(std::string_view flag, std::string_view placeholder, std::string_view help);
  void option(const ConfigField& field);  // with its section, limits and default

  const std::string& text() const { return text_; }

 private:
  std::string text_, heading_;
};

}  // namespace recur::cli
