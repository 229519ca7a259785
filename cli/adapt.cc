// recur adapt: a model fitted to a handful of examples.
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/facts.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/use.h"
#include "recur/base/error.h"
#include "recur/tasks/trained.h"

namespace recur::cli {
namespace {

Json adapted_json(const Adapted& adapted, double seconds) {
  Json object{{"task", adapted.model->info().name}, {"examples", adapted.examples}, {"seconds", seconds}};
  if (!adapted.classes.empty()) object["classes"] = adapted.classes;
  if (adapted.losses.empty()) return object;
  object["loss_before"] = adapted.losses.front();
  object["loss"] = adapted.losses.back();
  return object;
}

std::string adapted_text(const Adapted& adapted, double seconds) {
  Facts facts;
  facts.add("examples", thousands(adapted.examples));
  if (!adapted.classes.empty()) {
    facts.add("classes", thousands(static_cast<int64_t>(adapted.classes.size())));
  }
  if (!adapted.losses.empty()) {
    facts.add("steps", thousands(static_cast<int64_t>(adapted.losses.size()) - 1));
    facts.add("loss of the examples",
              fmt::format("{}, before {}", real_text(adapted.losses.back(), 4), real_text(adapted.losses.front(), 4)));
  }
  facts.add("seconds", real_text(seconds, 2));
  return facts.text();
}

}  // namespace

int run_adapt(const Words& words) {
  UseCommand use(words, "recur adapt MODEL DATA... --out FILE [options]",
                 "Fits a model of the task adapt to a few examples, with their labels or values, and writes the\n"
                 "model that knows them. It is used like any model. MODEL is a .recur file or a run folder.");
  bool json = false;
  std::string out;
  use.arguments.text("--out", out, "FILE", "Output file");
  use.arguments.flag("--json", json, "Print one JSON object");
  if (!use.parse(words)) return kDone;
  if (out.empty()) fail_usage("--out FILE is missing");
  use.check_outputs({{"--out", out}});
  const auto begun = std::chrono::steady_clock::now();
  const Adapted adapted = use.trained->adapt(use.files());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  use.inputs().check(out);
  adapted.model->save(out);
  print(json ? json_line(adapted_json(adapted, seconds)) : adapted_text(adapted, seconds));
  return kDone;
}

}  // namespace recur::cli
