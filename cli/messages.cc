#include "cli/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output.h"
#include "cli/table.h"
#include "recur/base/log.h"

namespace recur::cli {
namespace {

constexpr int64_t kShownOfKind = 8;  // of a kind

struct Kind {
  LogLevel level;
  std::string text;  // of its messages, without what tells them apart
  int64_t count = 0;
};

struct Messages {
  bool notes = true;
  std::vector<Kind> kinds;  // a few
};

Messages& messages() {
  static Messages instance;
  return instance;
}

std::string_view name_of(LogLevel level) { return level == LogLevel::kWarning ? "warning" : "note"; }

// The message without places, numbers and names in quotes: "a.csv: 3 rows" and "b.csv: 12 rows" are of one kind.
std::string kind_of(std::string_view message) {
  const size_t colon = message.find(": ");
  if (colon != std::string::npos && message.substr(0, colon).find(' ') == std::string::npos)
    message.remove_prefix(colon + 2);
  std::string kind;
  char quote = '\0';
  for (const char c : message) {
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
      kind += "...";
    } else if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
      kind += c;
    } else if (!kind.ends_with('N')) {
      kind += 'N';
    }
  }
  return kind;
}

void show(LogLevel level, std::string_view message) {
  if (level == LogLevel::kInfo && !messages().notes) return;
  std::vector<Kind>& kinds = messages().kinds;
  std::string text = kind_of(message);
  auto kind = std::ranges::find_if(kinds, [&](const Kind& each) { return each.level == level && each.text == text; });
  if (kind == kinds.end()) kind = kinds.insert(kind, {level, std::move(text)});
  if (++kind->count <= kShownOfKind) tell(fmt::format("recur: {}: {}", name_of(level), harmless(std::string(message))));
}

}  // namespace

void show_messages() { set_log_sink(show); }

void hide_notes() { messages().notes = false; }

void finish_messages() {
  for (const Kind& kind : messages().kinds) {
    if (kind.count <= kShownOfKind) continue;
    tell(fmt::format("recur: {}: ... and {} more of this kind: {}", name_of(kind.level), kind.count - kShownOfKind,
                     harmless(kind.text)));
  }
  messages().kinds.clear();
}

}  // namespace recur::cli
