#include "cli/use.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "cli/help.h"
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "recur/base/error.h"
#include "recur/base/threads.h"
#include "recur/tasks/network/network_trained.h"
#include "recur/tasks/task.h"

namespace recur::cli {

std::vector<TaskInfo> used_tasks() {
  std::vector<TaskInfo> all = tasks();
  all.push_back(network_info());
  return all;
}

namespace {

// A name of a task, where help is asked for and no model or run is called so.
bool names_task(const std::string& word) {
  std::error_code ignored;
  return std::ranges::count(used_tasks(), word, &TaskInfo::name) > 0 && !std::filesystem::exists(word, ignored);
}

// Which flags there are beside the common ones, by the task of the model.
std::string flags_by_task(const std::string& command) {
  std::string out = "Further options depend on the task of the model:\n";
  for (const TaskInfo& info : used_tasks()) {
    const auto task = make_task(info.name);
    Config config;
    task->declare_use(config);
    std::vector<std::string> flags;
    for (const ConfigField& field : config.fields()) flags.push_back(field.flag());
    HelpText line("");
    line.option(info.name, "", flags.empty() ? "none" : fmt::format("{}", fmt::join(flags, ", ")));
    out += line.text();
  }
  return out + fmt::format("\n`{0} MODEL --help` and `{0} TASK --help` describe them.\n", command);
}

}  // namespace

UseCommand::UseCommand(const Words& words, std::string usage, std::string summary)
    : arguments(usage, std::move(summary)) {
  const bool help = wants_help(words);
  const std::string path = first_path(words);
  if (!words.empty() && words.front().empty()) fail_usage("MODEL: expected a path, got ''");
  if (path.empty() && !help) fail_usage("MODEL is missing; usage: {}", usage);
  config.add(machine);
  if (path.empty()) {
    arguments.footer(flags_by_task(usage.substr(0, usage.find(" MODEL"))));
  } else if (help && names_task(path)) {
    task_ = make_task(path);
    task_->declare_use(config);
    arguments.footer(fmt::format("The options are those of a model of the task {}.\n", path));
  } else {
    trained = load_trained(path);
    trained->declare_use(config);
    arguments.footer(fmt::format("{} is a model of the task {}.\n", path, trained->info().name));
  }
  arguments.positional("MODEL", model);
  const bool reads = !trained || !trained->info().data.empty();
  arguments.positionals("DATA", data, reads);
  arguments.config(config);
  arguments.flag("--quiet", quiet, "Print warnings and errors only, besides the result");
}

DataFiles UseCommand::files() const {
  DataFiles files;
  for (const std::string& each : data) files.push_back(each == "-" ? DataFile::standard_input() : DataFile(each));
  return files;
}

Inputs UseCommand::inputs() const {
  Inputs inputs{.model = model, .data = data};
  for (const ConfigField& field : config.fields()) {
    const bool may_be_read =
        field.type == ConfigType::kText && field.choices.empty() && field.writes == Writes::kNothing;
    if (!may_be_read) continue;
    const std::string path = std::get<std::string>(field.get());
    if (!path.empty()) inputs.data.push_back(path);  // where it names a file: --labels-file, --history
  }
  return inputs;
}

void UseCommand::check_outputs(std::vector<Output> outputs) const {
  std::ranges::move(output_files(config), std::back_inserter(outputs));
  const Inputs all = inputs();
  cli::check_outputs(outputs, all.model, all.data);
}

bool UseCommand::parse(const Words& words) {
  if (!arguments.parse(words)) return false;
  if (std::ranges::count(data, "") > 0) fail_usage("DATA: expected a path, got ''");
  if (!data.empty() && trained->info().data.empty()) {
    fail_usage("a model of the task '{}' reads no files, got {}", trained->info().name, data[0]);
  }
  if (quiet) hide_notes();
  if (machine.threads > 0) set_threads(machine.threads);
  return true;
}

}  // namespace recur::cli
