// recur report: a page on training runs, and on how good their models are.
#include "recur/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "cli/outputs.h"
#include "cli/reported_run.h"
#include "recur/base/error.h"
#include "recur/base/file.h"
#include "recur/base/log.h"

namespace recur::cli {
namespace {

namespace fs = std::filesystem;

struct ReportFlags {
  int64_t explain = 0;

  template <class Visitor>
  void visit(Visitor& v) {
    v("explain", explain, "With --data: explain the predictions of this many records, those with the largest losses",
      Range{0, 10});
  }
};

struct ReportCommand {
  explicit ReportCommand(const Words& words) : config(flags) {
    const std::string path = first_path(words);
    if (!path.empty() && fs::is_directory(path)) {
      first = load_trained(path);
      first->declare_use(use);
    }
    arguments.positionals("RUN", paths);
    arguments.text("--out", out, "FILE", "Output file (required)");
    arguments.texts("--data", data, "FILE", "Test data, on which every model is measured; may be repeated");
    arguments.texts("--groups", groups, "COLUMN",
                    "With --data: column whose values are groups to compare; may be repeated");
    arguments.text("--title", title, "TEXT", "Title of the page (default: the names of the runs)");
    arguments.flag("--quiet", quiet, "Print warnings and errors only");
    arguments.config(config);
    arguments.config(use);
  }

  std::vector<std::string> paths, data, groups;
  std::string out, title;
  ReportFlags flags;
  bool quiet = false;
  std::unique_ptr<Trained> first;  // whose task says which options of use there are
  Config config, use;
  Arguments arguments{
      "recur report RUN... --out FILE [options]",
      "Writes a page on training runs that needs no network: what was trained on what, how the training\n"
      "went, and with --data how good the models are. Several runs are shown side by side."};
};

ReportRun report_run(const std::string& path, const ReportCommand& command) {
  if (!fs::is_directory(path)) fail_usage("RUN: expected the folder of a run, got {}", path);
  LoadedModel loaded = load_reported(path, command.use);
  ReportRun run = reported(loaded);
  if (!command.data.empty()) run.evaluation = measured_on(loaded, command.data, command.groups);
  if (command.flags.explain > 0) add_explanations(*run.evaluation, loaded, command.data, command.flags.explain);
  return run;
}

// Two runs of one name are told apart by their paths.
void name_apart(std::vector<ReportRun>& runs, const std::vector<std::string>& paths) {
  for (size_t i = 0; i < runs.size(); ++i) {
    if (std::ranges::count(paths, name_of(paths[i]), name_of) > 1) runs[i].name = paths[i];
  }
}

}  // namespace

int run_report(const Words& words) {
  ReportCommand command(words);
  if (!command.arguments.parse(words)) return kDone;
  if (command.quiet) hide_notes();
  if (command.out.empty()) fail_usage("--out FILE is missing");
  if (command.data.empty() && !command.groups.empty()) fail_usage("--groups: expected together with --data");
  if (command.data.empty() && command.flags.explain > 0) fail_usage("--explain: expected together with --data");
  for (const std::string& path : command.paths) check_outputs({{"--out", command.out}}, path, command.data);
  std::vector<ReportRun> runs;
  for (const std::string& path : command.paths) runs.push_back(report_run(path, command));
  name_apart(runs, command.paths);
  std::string title = command.title;
  for (const ReportRun& run : runs) {
    if (command.title.empty()) title += (title.empty() ? "Report on " : ", ") + run.name;
  }
  write_file_atomic(command.out, report_html(title, runs));
  log_info("the report is in {}", command.out);
  return kDone;
}

}  // namespace recur::cli
