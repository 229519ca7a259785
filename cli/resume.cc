// recur resume: goes on with a run from its last checkpoint, to the same bits as if it had not been stopped.
#include <algorithm>
#include <array>
#include <string>
#include <variant>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "cli/observer.h"
#include "cli/stop_signal.h"
#include "recur/base/error.h"
#include "recur/train/run.h"

namespace recur::cli {
namespace {

// What may change without making it another run: when to end, what to log, how many threads, and where files are.
bool may_change(const ConfigField& field) {
  constexpr std::array<std::string_view, 8> kKeys = {"epochs",           "steps",     "time",   "env_steps", "patience",
                                                     "checkpoint_every", "log_every", "threads"};
  constexpr std::array<std::string_view, 4> kMoved = {"valid", "labels_file", "vectors", "normal_values"};
  if (std::ranges::count(kMoved, field.key) > 0) return true;
  return std::ranges::count(kKeys, field.key) > 0;
}

std::string env_steps_of(const Config& config) {
  const ConfigField* field = config.find("env_steps");
  return field == nullptr ? "" : field->value_text();
}

// Environment steps are the budget of a run only where no other is set.
void check_env_steps(const Config& config, const std::string& before) {
  if (env_steps_of(config) == before) return;
  for (const char* key : {"epochs", "steps", "time"}) {
    const ConfigField& field = *config.find(key);
    if (!std::holds_alternative<std::monostate>(field.get()))
      fail_usage("--env-steps has no effect on a run with {}; raise that", field.flag());
  }
}

}  // namespace

int run_resume(const Words& words) {
  std::string folder = wants_help(words) ? "" : first_path(words);
  if (folder.empty() && !wants_help(words)) fail_usage("RUN is missing; usage: recur resume RUN [options]");
  const std::unique_ptr<Run> run = folder.empty() ? std::make_unique<Run>(tasks().front().name) : Run::open(folder);
  ProgressOptions progress;
  Arguments arguments(
      "recur resume RUN [options]",
      "Continues a run from its last checkpoint, to the same bits as if it had not been stopped. Its\n"
      "options are kept; these may be changed (of act --env-steps, too), and --data, --valid and others name\n"
      "files that have moved:");
  arguments.positional("RUN", folder);
  arguments.config(run->config(), may_change);
  std::vector<std::string> data;
  arguments.texts("--data", data, "PATH", "Where the training data are now; may be repeated");
  arguments.flag("--quiet", progress.quiet, "Print warnings and errors only");
  arguments.flag("--json", progress.json, "Print progress and result as JSON lines");
  const std::string env_steps = env_steps_of(run->config());
  if (!arguments.parse(words)) return kDone;
  check_env_steps(run->config(), env_steps);

  if (!data.empty()) run->config().find("data")->set(data);
  if (progress.quiet) hide_notes();
  StopSignal stop;
  const auto observer = make_observer(folder, progress, stop);
  const TrainResult result = run->resume({.observer = observer.get(), .stop = &stop.flag()});
  print_result(*run, result, folder, progress);
  return kDone;
}

}  // namespace recur::cli
