#include "recur/tasks/synthesize/named_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace recur {

bool is_plain_text(const DataFile& file) { return file.extension() == ".txt" || file.name() == "standard input"; }

std::vector<NamedText> text_lines(const DataFile& file) {
  constexpr size_t kMostBytes = size_t{1} << 26;
  return text_lines(file.name(), file.content(kMostBytes));
}

std::vector<NamedText> text_lines(const std::string& name, std::string_view text) {
  std::vector<NamedText> out;
  int64_t line = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    ++line;
    const std::string_view own = text.substr(begin, end - begin);
    if (own.find_first_not_of(" \t\r") != std::string_view::npos) {
      out.push_back({std::to_string(line), std::string(own), fmt::format("{}:{}", name, line)});
    }
    begin = end + 1;
  }
  return out;
}

}  // namespace recur
