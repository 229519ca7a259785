#include "cli/use.h"

#include <utility>

#include "cli/model_argument.h"
#include "recur/base/error.h"
#include "recur/base/threads.h"

namespace recur::cli {

UseCommand::UseCommand(const Words& words, std::string usage, std::string summary)
    : arguments(usage, std::move(summary)) {
  const bool help = wants_help(words);
  const std::string path = first_path(words);
  if (path.empty() && !help) fail_usage("MODEL is missing; usage: {}", usage);
  config.add(machine);
  if (path.empty()) {
    arguments.footer("\nFurther options depend on the model: `" + usage.substr(0, usage.find(" DATA")) +
                     " --help` shows them.\n");
  } else {
    trained = load_trained(path);
    trained->declare_use(config);
  }
  arguments.positional("MODEL", model);
  arguments.positionals("DATA", data);
  arguments.config(config);
}

DataFiles UseCommand::files() const {
  DataFiles files;
  for (const std::string& each : data) files.push_back(each == "-" ? DataFile::standard_input() : DataFile(each));
  return files;
}

bool UseCommand::parse(const Words& words) {
  if (!arguments.parse(words)) return false;
  if (machine.threads > 0) set_threads(machine.threads);
  return true;
}

}  // namespace recur::cli
