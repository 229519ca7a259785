#include "recur/tasks/synthesize/named_texts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"

namespace recur {

bool is_plain_text(const DataFile& file) { return file.extension() == ".txt" || file.name() == "standard input"; }

std::vector<NamedText> text_lines(const std::vector<DataFile>& files) {
  constexpr size_t kMostBytes = size_t{1} << 26;
  std::vector<NamedText> out;
  for (const DataFile& file : files) {
    for (NamedText& each : text_lines(file.name(), file.content(kMostBytes))) {
      if (files.size() > 1)
        each.name = fmt::format("{}-{}", std::filesystem::path(file.name()).stem().string(), each.name);
      out.push_back(std::move(each));
    }
  }
  return out;
}

std::vector<NamedText> text_lines(const std::string& name, std::string_view text) {
  std::vector<NamedText> out;
  int64_t line = 0;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    ++line;
    std::string_view own = text.substr(begin, end - begin);
    if (own.ends_with('\r')) own.remove_suffix(1);
    if (const size_t at = find_invalid_utf8(own); at != kNoPosition) {
      fail("{}:{}: byte {} is not UTF-8; convert the text to UTF-8", name, line, at + 1);
    }
    if (!trimmed(own).empty()) {
      out.push_back({std::to_string(line), std::string(own), fmt::format("{}:{}", name, line)});
    }
    begin = end + 1;
  }
  return out;
}

}  // namespace recur
