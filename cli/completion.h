// Completion of command lines: a script for each shell, made of the options that the commands declare.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_pages.h"

namespace recur::cli {

std::string bash_completion(const std::vector<CommandPage>& pages);
std::string zsh_completion(const std::vector<CommandPage>& pages);
std::string fish_completion(const std::vector<CommandPage>& pages);

struct CompletionShell {
  std::string_view name;
  std::string (*script)(const std::vector<CommandPage>& pages);
};
inline constexpr std::array kCompletionShells = {CompletionShell{"bash", bash_completion},
                                                 CompletionShell{"zsh", zsh_completion},
                                                 CompletionShell{"fish", fish_completion}};

// What `recur docs` prints: the words that it takes.
inline constexpr std::array<std::string_view, 3> kDocsKinds = {"options", "man", "completion"};

// The names of the tasks of a page, or of the commands, with spaces between.
std::string names_of_tasks(const CommandPage& page);
std::string names_of_commands(const std::vector<CommandPage>& pages);
std::string names_of_shells();

}  // namespace recur::cli
