// recur prune: a trained model with most of its recurrent layers' weights left out, and what that costs and gains.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/messages.h"
#include "cli/observer.h"
#include "cli/output.h"
#include "cli/stop_signal.h"
#include "cli/table.h"
#include "recur/base/error.h"
#include "recur/train/run.h"

namespace recur::cli {
namespace {

namespace fs = std::filesystem;

// Of the new run's budget: most of it is for the weights that are left.
constexpr double kPruneEnd = 0.5;

double sparsity_of(Run& run) { return std::get<double>(run.config().find("sparsity")->get()); }

struct PruneCommand {
  std::string from, out, sparsity, block = "16x1", steps;
  std::vector<std::string> data, overrides;
  bool force = false;
  ProgressOptions progress;

  void declare(Arguments& arguments) {
    arguments.positional("RUN", from);
    arguments.text("--out", out, "RUN", "Folder of the new run");
    arguments.text("--sparsity", sparsity, "S",
                   "Share of the layers' input and recurrent weights to leave out, such as 0.9");
    arguments.text("--sparse-block", block, "RxC",
                   "Blocks that are left out as a whole: 16x1, 4x16 or 1x1 (default 16x1)");
    arguments.text("--steps", steps, "N", "Training steps (default half of what RUN took)");
    arguments.texts("--data", data, "PATH", "Train on these data instead of those of RUN; may be repeated");
    arguments.texts("--set", overrides, "KEY=VALUE", "Set any other option of the run; may be repeated");
    arguments.flag("--force", force, "Overwrite the run in the folder");
    arguments.flag("--quiet", progress.quiet, "Print the comparison, warnings and errors only");
    arguments.flag("--json", progress.json, "Print progress and result as JSON lines");
  }

  void check() const {
    if (sparsity.empty()) fail_usage("--sparsity S is missing");
    if (out.empty()) fail_usage("--out RUN is missing");
    if (!fs::exists(from)) fail("{}: no such folder", from);
    if (!fs::is_directory(from))
      fail_usage("RUN: expected the folder of a run, which says how the model was trained, got the file {}", from);
    std::error_code ignored;
    if (fs::equivalent(from, out, ignored)) fail_usage("--out: expected another folder than that of RUN, got {}", out);
  }

  // The run's options, with a budget of its own.
  void set_options(Run& run, int64_t default_steps) const {
    Config& config = run.config();
    for (const char* key : {"epochs", "time", "patience"}) config.set_from_string(key, "none");
    config.set_from_string("from_model", from);
    config.set_from_string("sparsity", sparsity, "--sparsity");
    if (sparsity_of(run) == 0) fail_usage("--sparsity: expected a share above 0, got {}", sparsity);
    config.set_from_string("sparse_block", block, "--sparse-block");
    config.set_from_string("sparse_begin", "0");
    config.set_from_string("sparse_end", fmt::format("{}", kPruneEnd));
    config.set_from_string("steps", steps.empty() ? std::to_string(default_steps) : steps, "--steps");
    if (!data.empty()) config.find("data")->set(data);
    for (const std::string& assignment : overrides) config.apply_override(assignment);
  }
};

int64_t steps_of(const fs::path& run) {
  return StateReader::open(RunFolder::open(run).checkpoint()).integer("run.step");
}

int64_t bytes_of(const fs::path& run) { return static_cast<int64_t>(fs::file_size(RunFolder(run).model())); }

struct PruneCost {
  int64_t bytes_before, bytes_after;
  const std::optional<TimedEvaluation>&before, &after;  // none without validation data
};

double per_second(const TimedEvaluation& of) {
  return static_cast<double>(of.evaluation.examples) / std::max(of.seconds, 1e-9);
}

Json prune_json(Run& run, const TrainResult& result, const std::string& folder, const PruneCost& cost) {
  Json json = {{"event", "end"},
               {"step", result.step},
               {"run", folder},
               {"sparsity", sparsity_of(run)},
               {"bytes_before", cost.bytes_before},
               {"bytes_after", cost.bytes_after}};
  if (!cost.before || !cost.after) return json;
  json["examples_per_second"] = {{"before", per_second(*cost.before)}, {"after", per_second(*cost.after)}};
  for (const Metric& metric : cost.before->evaluation.metrics)
    json["metrics"][metric.name] = {{"before", metric.value}, {"after", cost.after->evaluation.at(metric.name)}};
  return json;
}

std::string prune_text(const Run& run, const PruneCost& cost) {
  std::vector<std::vector<std::string>> rows = {{"", "before", "sparse", "change"}};
  const auto add = [&](const std::string& name, double before, double after, const auto& text) {
    const double ratio = after / before;
    rows.push_back({name, text(before), text(after),
                    before == 0 || !std::isfinite(ratio) ? "" : fmt::format("{:+.2f} %", 100 * (ratio - 1))});
  };
  add("size", static_cast<double>(cost.bytes_before), static_cast<double>(cost.bytes_after),
      [](double bytes) { return human_bytes(static_cast<int64_t>(bytes)); });
  if (cost.before && cost.after) {
    const auto digits = [](double value) { return real_text(value, 6); };
    for (const Metric& metric : cost.before->evaluation.metrics)
      add("valid " + spaced(metric.name), metric.value, cost.after->evaluation.at(metric.name), digits);
    add(run.task().info().unit + " per second, evaluation", per_second(*cost.before), per_second(*cost.after),
        [](double value) { return real_text(value, 3); });
  }
  return table(rows, "lrrr");
}

}  // namespace

int run_prune(const Words& words) {
  PruneCommand command;
  Arguments arguments(
      "recur prune RUN --sparsity S --out RUN [options]",
      "Trains the model of a run on while the smallest input and recurrent weights of its layers are\n"
      "set to 0, into a new run, and compares size, validation metrics and the speed of evaluation. RUN is\n"
      "a run folder; its options and data are used. The learning rate begins anew: --set lr=X sets it.");
  command.declare(arguments);
  if (!arguments.parse(words)) return kDone;
  command.check();

  const std::unique_ptr<Run> run = Run::open(command.from);
  command.set_options(*run, std::max<int64_t>(1, steps_of(command.from) / 2));
  run->compare_with_first();
  if (command.progress.quiet) hide_notes();
  StopSignal stop;
  const auto observer = make_observer(command.out, command.progress, stop);
  const TrainResult result = run->train(command.out, command.force, {.observer = observer.get(), .stop = &stop.flag()});
  if (result.end == TrainEnd::kStopped) {
    print_result(*run, result, command.out, command.progress);
    return kDone;
  }
  const PruneCost cost{bytes_of(command.from), bytes_of(command.out), run->before(), run->after()};
  if (command.progress.json)
    print(json_line(prune_json(*run, result, command.out, cost)));
  else
    print((command.progress.quiet ? "" : "\n") + prune_text(*run, cost) +
          (command.progress.quiet ? "" : fmt::format("\nthe model is in {}\n", command.out)));
  return kDone;
}

}  // namespace recur::cli
