// Help texts of options that several tasks share.
#pragma once

#include <cctype>
#include <string>

namespace recur {

// "Column of the time", or with the prefix "Series: " of a task that reads other data too "Series: column of the time".
inline std::string help_for(const std::string& prefix, std::string text) {
  if (!prefix.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return prefix + text;
}

}  // namespace recur
