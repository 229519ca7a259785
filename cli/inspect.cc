// recur inspect: what is in a model, a run or a text.
#include "cli/inspect.h"

#include <filesystem>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "recur/base/error.h"

namespace recur::cli {
namespace fs = std::filesystem;

namespace {

bool is_run(const fs::path& path) { return fs::is_directory(path) && fs::exists(path / "config.toml"); }

bool holds_tensors(const fs::path& path) {
  const fs::path extension = path.extension();
  return extension == ".recur" || extension == ".safetensors" || extension == ".ckpt";
}

}  // namespace

int run_inspect(const Words& words) {
  std::vector<std::string> paths;
  InspectOptions options;
  Arguments arguments("recur inspect MODEL|RUN|DATA... [options]",
                      "Shows what is in a model file, a run folder, or texts: files and folders.");
  arguments.positionals("MODEL|RUN|DATA", paths);
  arguments.flag("--baselines", options.baselines,
                 "Of a text: what counting alone predicts of its last tenth, learnt from the rest");
  arguments.flag("--json", options.json, "Print one JSON object");
  if (!arguments.parse(words)) return kDone;

  for (const std::string& path : paths) {
    if (!fs::exists(path)) fail("{}: no such file or folder", path);
    if (paths.size() > 1 && (is_run(path) || holds_tensors(path))) fail_usage("{}: inspect it by itself", path);
  }
  if (is_run(paths[0])) {
    inspect_run(paths[0], options);
  } else if (holds_tensors(paths[0])) {
    inspect_tensors(paths[0], options);
  } else {
    inspect_text(paths, options);
  }
  return kDone;
}

}  // namespace recur::cli
