// The commands with all their options, in parts: what man pages and completion are made of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/help.h"

namespace recur::cli {

struct TaskPage {
  std::string name, summary;
  std::vector<HelpOption> options;  // those that not every task has, or has otherwise
};

struct CommandPage {
  std::string name, usage, summary, description, footer;
  std::vector<HelpOption> options;
  std::vector<TaskPage> tasks;  // of a command whose options depend on the task; else none
};

// In the order of the overview. Help of a command that reads a model is that without one, and the options of each task.
std::vector<CommandPage> command_pages();

}  // namespace recur::cli
