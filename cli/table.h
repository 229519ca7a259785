// Results for people: lines of names and values, and tables with columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recur::cli {

// Control characters as '?': names in a file from others must not steer the terminal.
std::string harmless(std::string text);

// "name   value" lines, the values in one column.
class Facts {
 public:
  void add(std::string name, std::string value) { rows_.emplace_back(std::move(name), std::move(value)); }
  std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

// Columns as wide as their longest cell; `right` has a character per column, 'r' for those that align to the right.
std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view align);

std::string thousands(std::int64_t value);         // 1,234,567
std::string human_bytes(std::int64_t bytes);       // 1.1 MB
std::string human_duration(double seconds);        // 1h02m, 3m05s, 12s
std::string in_quotes(std::string_view text);      // 'text', with control characters and bad UTF-8 escaped
std::size_t display_width(std::string_view utf8);  // code points

}  // namespace recur::cli
