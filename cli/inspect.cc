// recur inspect: what is in a model, a run or a text.
#include "cli/inspect.h"

#include <filesystem>

#include "cli/arguments.h"
#include "cli/command.h"
#include "recur/base/error.h"
#include "recur/base/suggest.h"

namespace recur::cli {
namespace fs = std::filesystem;

int run_inspect(const Words& words) {
  std::string path;
  InspectOptions options;
  Arguments arguments("recur inspect MODEL|RUN|DATA [options]",
                      "Shows what is in a model file, a run folder, a text file or a folder of texts.");
  arguments.positional("MODEL|RUN|DATA", path);
  arguments.flag("--baselines", options.baselines,
                 "Of a text: what counting alone predicts of its last tenth, learnt from the rest");
  arguments.flag("--json", options.json, "Print one JSON object");
  if (!arguments.parse(words)) return kDone;

  if (!fs::exists(path)) fail("{}: no such file or folder", path);
  if (fs::is_directory(path) && fs::exists(fs::path(path) / "config.toml")) {
    inspect_run(path, options);
  } else if (path.ends_with(".recur") || path.ends_with(".safetensors") || path.ends_with(".ckpt")) {
    inspect_tensors(path, options);
  } else {
    inspect_text(path, options);
  }
  return kDone;
}

}  // namespace recur::cli
