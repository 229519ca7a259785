// recur generate: a language model writes, piece by piece.
#include <utility>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/output.h"
#include "recur/base/threads.h"
#include "recur/tasks/task.h"

namespace recur::cli {

int run_generate(const Words& words) {
  GenerateOptions options;
  Config config(options);
  std::string model;
  bool json = false;
  Arguments arguments(
      "recur generate MODEL [options]",
      "Lets a language model write, each piece as soon as it is drawn. MODEL is a .recur file or a run\n"
      "folder. The same seed gives the same text.");
  arguments.positional("MODEL", model);
  arguments.config(config);
  arguments.flag("--json", json, "Print one JSON object when all is written");
  if (!arguments.parse(words)) return kDone;

  const std::unique_ptr<Task> task = load_task(model);
  std::string text = options.prompt;
  bool begun = false;  // the prompt is shown once the model has accepted it
  const auto begin = [&] {
    if (!json && !std::exchange(begun, true)) print(options.prompt);
  };
  task->generate(options, [&](std::string_view piece) {
    text += piece;
    begin();
    if (!json) {
      print(piece);
      flush_output();
    }
    return true;
  });
  begin();
  if (json) {
    print(json_line({{"task", task->info().name},
                     {"prompt", options.prompt},
                     {"seed", options.seed},
                     {"text", text.substr(options.prompt.size())}}));
  } else if (!text.ends_with('\n')) {
    print("\n");
  }
  return kDone;
}

}  // namespace recur::cli
