// recur train: a new run of a task.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "cli/observer.h"
#include "cli/output.h"
#include "cli/stop_signal.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/train/run.h"

namespace recur::cli {
namespace {

constexpr std::string_view kUsage = "recur train TASK DATA... [options]";

std::string task_list() {
  std::string out = "\nTasks:\n";
  for (const TaskInfo& task : tasks())
    out += fmt::format("  {:<10}  {}; DATA: {}\n", task.name, task.summary, task.data);
  return out;
}

std::vector<std::string_view> task_names() {
  std::vector<std::string_view> names;
  for (const TaskInfo& task : tasks()) names.push_back(task.name);
  return names;
}

bool is_task(std::string_view word) { return std::ranges::count(task_names(), word) > 0; }

// The value of --config, if any.
std::optional<std::string> config_path(const Words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with("--config=")) return words[i].substr(9);
    if (words[i] == "--config" && i + 1 < words.size()) return words[i + 1];
  }
  return std::nullopt;
}

// The task named in a configuration, whose other keys cannot be checked before the task is known; "" without one.
std::string task_in_config(const std::string& path) {
  constexpr std::size_t kMaxBytes = 1 << 20;
  std::string text = "\n";
  text += read_file(path, kMaxBytes);
  for (std::size_t at = text.find("\ntask"); at != std::string::npos; at = text.find("\ntask", at + 1)) {
    const std::size_t begin = text.find_first_not_of(" \t=", at + 5);
    if (begin == std::string::npos || (text[begin] != '"' && text[begin] != '\'')) continue;
    const std::size_t end = text.find(text[begin], begin + 1);
    if (end != std::string::npos) return text.substr(begin + 1, end - begin - 1);
  }
  return "";
}

// Takes the task's name out of the words: it comes first, unless a flag does, or stands in the configuration.
std::string take_task(Words& words) {
  const auto known = std::ranges::find_if(words, is_task);
  const bool first_is_word = !words.empty() && !words.front().starts_with("-");
  if (known != words.end() && (known == words.begin() || !first_is_word)) {
    std::string task = *known;
    words.erase(known);
    return task;
  }
  if (const auto path = config_path(words)) {
    std::string task = task_in_config(*path);
    if (!task.empty()) return task;
  }
  if (!first_is_word) fail_usage("TASK is missing; the tasks are {}; usage: {}", fmt::join(task_names(), ", "), kUsage);
  std::string task = words.front();
  make_task(task);  // throws for an unknown one; one that no list has says itself why it is not trained
  words.erase(words.begin());
  return task;
}

// runs/TASK-N with the first N that is free: made at once, so that no other process takes it too, and removed again
// when nothing was put into it.
class NewFolder {
 public:
  explicit NewFolder(const std::string& task) {
    made_parent_ = std::filesystem::create_directory("runs", error_);
    for (int n = 1; !error_; ++n) {
      path_ = fmt::format("runs/{}-{}", task, n);
      if (std::filesystem::create_directory(path_, error_)) return;
      if (error_ == std::errc::file_exists) error_.clear();
    }
    fail("{}: {}", path_.empty() ? "runs" : path_, error_.message());
  }
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder() {
    std::filesystem::remove(path_, error_);  // fails where there are files
    if (made_parent_) std::filesystem::remove("runs", error_);
  }

  const std::string& path() const { return path_; }

 private:
  bool made_parent_ = false;
  std::string path_;
  std::error_code error_;
};

struct TrainCommand {
  std::vector<std::string> data, overrides;
  std::string config_file, out;
  bool force = false;
  ProgressOptions progress;

  void declare(Arguments& arguments) {
    arguments.positionals("DATA", data, false);
    arguments.text("--out", out, "RUN", "Folder of the run (default runs/TASK-N, with the first free N)");
    arguments.text("--config", config_file, "FILE.toml",
                   "Read options from a file, such as the config.toml of another run; flags override it");
    arguments.texts("--set", overrides, "KEY=VALUE", "Set an option by its key in config.toml; may be repeated");
    arguments.flag("--force", force, "Overwrite the run in the folder");
    arguments.flag("--quiet", progress.quiet, "Print warnings and errors only");
    arguments.flag("--json", progress.json, "Print progress and result as JSON lines");
  }

  void read_options(Run& run, const std::string& task) const {
    if (!config_file.empty()) run.config().read_file(config_file);
    for (const std::string& assignment : overrides) run.config().apply_override(assignment);
    if (run.settings().task != task) {
      fail_usage("task: expected '{}' as on the command line, got '{}' from the configuration", task,
                 run.settings().task);
    }
    if (!data.empty()) run.config().find("data")->set(data);
    if (std::ranges::count(run.settings().data, "") > 0) fail_usage("DATA: expected a path, got ''");
    if (run.settings().data.empty()) fail_usage("DATA is missing; usage: {}", kUsage);
  }
};

}  // namespace

int run_train(const Words& words) {
  Words rest = words;
  // Help without a task shows the first one's: most options are common to all.
  const bool any_task = wants_help(words) && std::ranges::none_of(words, is_task);
  const std::string task = any_task ? tasks().front().name : take_task(rest);
  Run run(task);
  TrainCommand command;
  Arguments arguments(
      any_task ? std::string(kUsage) : fmt::format("recur train {} DATA... [options]", task),
      "Trains a model and writes it, its options, metrics and checkpoints to a run folder. Ctrl-C saves\n"
      "and stops; recur resume continues.");
  command.declare(arguments);
  arguments.config(run.config(), [](const ConfigField& field) { return field.key != "task" && field.key != "data"; });
  arguments.footer(any_task ? task_list() + fmt::format("\nThe options shown are those of the task {}.\n", task)
                            : task_list());
  if (!arguments.parse(rest, [&] { command.read_options(run, task); })) return kDone;

  if (command.progress.quiet) hide_notes();
  std::optional<NewFolder> made;
  if (command.out.empty()) made.emplace(task);
  const std::string folder = made ? made->path() : command.out;
  StopSignal stop;
  const auto observer = make_observer(folder, command.progress, stop);
  const TrainResult result = run.train(folder, command.force, {.observer = observer.get(), .stop = &stop.flag()});
  print_result(run, result, folder, command.progress);
  return kDone;
}

}  // namespace recur::cli
