#include "cli/completion.h"

namespace recur::cli {
namespace {

template <class Range>
std::string names_of(const Range& range) {
  std::string out;
  for (const auto& each : range) out += (out.empty() ? "" : " ") + std::string(each.name);
  return out;
}

}  // namespace

std::string names_of_tasks(const CommandPage& page) { return names_of(page.tasks); }
std::string names_of_commands(const std::vector<CommandPage>& pages) { return names_of(pages); }
std::string names_of_shells() { return names_of(kCompletionShells); }

}  // namespace recur::cli
