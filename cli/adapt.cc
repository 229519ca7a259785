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
#include "recur/tasks/adapt/adapt_trained.h"

namespace recur::cli {
namespace {

Json adapted_json(const AdaptTrained::Fitted& fitted, double seconds) {
  Json object{{"task", "adapt"}, {"examples", fitted.model.kept().shots}, {"seconds", seconds}};
  if (!fitted.model.kept().classes.empty()) object["classes"] = fitted.model.kept().classes;
  if (fitted.losses.empty()) return object;
  object["loss_before"] = fitted.losses.front();
  object["loss"] = fitted.losses.back();
  return object;
}

std::string adapted_text(const AdaptTrained::Fitted& fitted, double seconds) {
  Facts facts;
  facts.add("examples", thousands(fitted.model.kept().shots));
  if (!fitted.model.kept().classes.empty()) {
    facts.add("classes", thousands(static_cast<int64_t>(fitted.model.kept().classes.size())));
  }
  if (!fitted.losses.empty()) {
    facts.add("steps", thousands(static_cast<int64_t>(fitted.losses.size()) - 1));
    facts.add("loss of the examples",
              fmt::format("{}, before {}", real_text(fitted.losses.back(), 4), real_text(fitted.losses.front(), 4)));
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
  const auto* learner = dynamic_cast<const AdaptTrained*>(use.trained.get());
  if (learner == nullptr) {
    fail_usage("{}: expected a model of the task 'adapt', which has learnt to adapt, got one of '{}'", use.model,
               use.trained->info().name);
  }

  use.check_outputs({{"--out", out}});
  const auto begun = std::chrono::steady_clock::now();
  const AdaptTrained::Fitted fitted = learner->fit(use.files());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  fitted.model.save(out);
  print(json ? json_line(adapted_json(fitted, seconds)) : adapted_text(fitted, seconds));
  return kDone;
}

}  // namespace recur::cli
