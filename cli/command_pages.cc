#include "cli/command_pages.h"

#include <algorithm>
#include <utility>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/use.h"
#include "recur/tasks/task.h"

namespace recur::cli {
namespace {

// Moves what all tasks have, and have alike, to the command.
void share_options(CommandPage& page) {
  const auto has = [](const TaskPage& task, const HelpOption& option) {
    return std::ranges::count(task.options, option) > 0;
  };
  for (const HelpOption& option : page.tasks.front().options) {
    if (std::ranges::all_of(page.tasks, [&](const TaskPage& task) { return has(task, option); }))
      page.options.push_back(option);
  }
  for (TaskPage& task : page.tasks) {
    std::erase_if(task.options, [&](const HelpOption& option) { return std::ranges::count(page.options, option) > 0; });
  }
}

void add_training(CommandPage& page) {
  page.options.clear();  // those of the first task, which help without one shows
  for (const TaskInfo& info : tasks())
    page.tasks.push_back({info.name, info.summary, described(run_train, {info.name}).options});
  share_options(page);
}

void add_use(CommandPage& page) {
  for (const TaskInfo& info : used_tasks()) {
    Config config;
    const auto task = make_task(info.name);
    task->declare_use(config);
    TaskPage& one = page.tasks.emplace_back(TaskPage{info.name, info.summary, {}});
    for (const ConfigField& field : config.fields()) one.options.push_back(describe(field));
  }
}

}  // namespace

std::vector<CommandPage> command_pages() {
  std::vector<CommandPage> pages;
  for (const Command& command : commands()) {
    CommandLine line = described(command.run, {});
    CommandPage page{.name = std::string(command.name),
                     .usage = std::move(line.usage),
                     .summary = std::string(command.summary),
                     .description = std::move(line.summary),
                     .footer = {},
                     .options = std::move(line.options),
                     .tasks = {}};
    if (page.name == "train") {
      add_training(page);
    } else if (page.name == "evaluate" || page.name == "predict") {
      add_use(page);
    } else {
      page.footer = std::move(line.footer);
    }
    pages.push_back(std::move(page));
  }
  return pages;
}

}  // namespace recur::cli
