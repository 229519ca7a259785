#include "recur/tasks/act/act_task.h"

#include <fmt/format.h>

#include <vector>

#include "recur/base/error.h"
#include "recur/environments/environments.h"
#include "recur/tasks/act/act_defaults.h"
#include "recur/tasks/act/act_training.h"

namespace recur {
namespace {

void check_no_data(const TrainingData& data) {
  if (!data.files.empty()) fail_usage("data: the task 'act' reads no files, got {}", data.files[0].name());
  if (data.has_validation()) {
    fail_usage("valid: the task 'act' plays episodes to validate on (valid_episodes), and holds out nothing");
  }
}

void check(const ActOptions& options) {
  if (!options.model.has_memory() && !options.model.rnn.cells.empty()) {
    fail_usage("cells: expected none with cell = none, got {}", fmt::join(options.model.rnn.cells, ","));
  }
  if (options.learning.algorithm == "a2c" && options.learning.passes.value_or(1) > 1) {
    fail_usage("passes: a2c makes one pass over a rollout, got {}", *options.learning.passes);
  }
  if (!options.model.has_memory() && options.model.encoder.empty() && options.model.policy_layers.empty()) {
    fail_usage("encoder: expected at least one layer with cell = none, got none");
  }
}

std::string kinds_text() {
  std::vector<std::string> names;
  for (const EnvironmentKind& each : environment_kinds()) {
    names.push_back(each.variant.empty() ? each.name : fmt::format("{}:{}", each.name, each.variant));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

const TaskInfo& ActTask::info() const { return act_info(); }

std::unique_ptr<Training> ActTask::train(const TrainingData& data, const TrainingStart& start) {
  check_no_data(data);
  if (options.world.env.empty()) fail_usage("env: expected an environment, one of {}", kinds_text());
  check(options);
  const EnvironmentSpec spec = make_environment(options.world.env, {.timeout = options.world.timeout})->spec();
  if (const auto* first = first_model<ActTrained>(start); first != nullptr && first->network().spec() != spec) {
    fail("environment '{}': the model that training begins from expects {}, got {}", options.world.env,
         first->network().spec().text(), spec.text());
  }
  choose_defaults(options, spec);
  auto training = std::make_unique<ActTraining>(options, spec, start);
  training->set_taken(
      fmt::format("environment {}: {}; {} in parallel, {} steps to learn from unless epochs, steps or time is set",
                  options.world.env, spec.text(), *options.learning.envs, *options.learning.env_steps));
  return training;
}

std::unique_ptr<Trained> ActTask::restore(const Assets& assets, int64_t elements) const {
  const EnvironmentSpec spec = read_asset(assets, "spaces", parse_spec);
  ActOptions own = options;
  if (!own.model.shared || !own.model.normalize_observations) fail("the options lack shared or normalize_observations");
  // A file is not to say what runs on this machine.
  if (is_command_environment(own.use.env)) own.use.env.clear();
  check_least_parameters(least_parameters(own.model, spec), elements);
  Random random(0);
  return std::make_unique<ActTrained>(own, spec, random);
}

}  // namespace recur
