#include "recur/data/files/archive_header.h"

#include <algorithm>

#include "recur/data/files/plain_text.h"
#include "recur/data/files/utf8.h"

namespace recur::internal {

std::string ArchiveHeader::find(std::string_view name) const {
  const auto at = std::ranges::find(fields, name, [](const auto& field) { return std::string_view(field.first); });
  return at == fields.end() ? std::string() : at->second;
}

bool ArchiveHeader::is_true(std::string_view name) const { return lower_ascii(find(name)).starts_with("true"); }

ArchiveHeader read_archive_header(LineReader& lines) {
  ArchiveHeader header;
  std::string_view line;
  while (lines.next(line)) {
    line = trimmed(line);
    if (line.empty() || line.starts_with('#')) continue;
    check_utf8(lines, line);
    if (!line.starts_with('@')) lines.fail_here("expected a line that begins with @, got {}", quoted_cell(line));
    const size_t end = std::min(line.find_first_of(" \t"), line.size());
    std::string name = lower_ascii(line.substr(1, end - 1));
    if (name == "data") return header;
    header.fields.emplace_back(std::move(name), trimmed(line.substr(end)));
  }
  fail("{}: there is no @data", lines.name());
}

void check_utf8(const LineReader& lines, std::string_view line) {
  if (const size_t at = find_invalid_utf8(line); at != kNoPosition) {
    lines.fail_here("byte {} is not UTF-8; convert the file to UTF-8", at + 1);
  }
}

void split_at(std::string_view line, char separator, std::vector<std::string_view>& parts) {
  parts.clear();
  for (size_t at = 0;;) {
    const size_t end = line.find(separator, at);
    parts.push_back(line.substr(at, end - at));
    if (end == std::string_view::npos) return;
    at = end + 1;
  }
}

}  // namespace recur::internal
