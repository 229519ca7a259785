// recur docs options: docs/options.md, made from the declarations of the options.
#include <algorithm>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/use.h"
#include "recur/base/error.h"
#include "recur/train/run.h"

namespace recur::cli {
namespace {

void print_training(const TaskInfo& info) {
  print(
      fmt::format("\n## recur train {}\n\n{}; data: {}.\nEach option is a flag with `-` for `_` (`--batch 50`), a key "
                  "of `config.toml`, and what `--set` takes.\n\n",
                  info.name, info.summary, info.data));
  print(Run(info.name).config().to_markdown());
}

}  // namespace

int run_docs(const Words& words) {
  if (words != Words{"options"}) fail_usage("usage: recur docs options");
  print(
      "# Options\n\nMade by `./dev docs` from the declarations in the code, so do not edit it; "
      "[program.md](program.md) "
      "has\nthe commands.\n");
  for (const TaskInfo& info : used_tasks()) {
    const bool trains = std::ranges::count(tasks(), info.name, &TaskInfo::name) > 0;
    if (trains) print_training(info);
    Config use;
    make_task(info.name)->declare_use(use);
    if (!use.fields().empty())
      print(fmt::format("\n## recur evaluate, predict with a model of {}\n\n{}", info.name, use.to_markdown()));
  }
  GenerateOptions generate;
  print("\n## recur generate\n\n" + Config(generate).to_markdown());
  return kDone;
}

}  // namespace recur::cli
