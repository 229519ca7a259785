#include "recur/tasks/act/act_trained.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

constexpr uint64_t kEvaluationStream = 20;  // of the seed of evaluations

// Limits, null where there is none.
Json limits_json(const std::vector<double>& limits) {
  Json out = Json::array();
  for (const double each : limits) out.push_back(std::isfinite(each) ? Json(each) : Json(nullptr));
  return out;
}

std::vector<double> limits_from(const Json& json, double of_null) {
  std::vector<double> out;
  for (const Json& each : json) out.push_back(each.is_null() ? of_null : each.get<double>());
  return out;
}

std::vector<std::string> numbered(const std::string& name, int64_t count) {
  if (count == 1) return {name};
  std::vector<std::string> out;
  for (int64_t i = 1; i <= count; ++i) out.push_back(fmt::format("{}_{}", name, i));
  return out;
}

}  // namespace

const TaskInfo& act_info() {
  static const TaskInfo info{.name = "act",
                             .summary = "Reinforcement learning: learns to act in an environment, with memory",
                             .data = "",
                             .unit = "steps"};
  return info;
}

std::string spec_text(const EnvironmentSpec& spec) {
  Json json{{"features", spec.features}};
  if (spec.actions.is_discrete()) {
    json["choices"] = spec.actions.choices;
  } else {
    json["low"] = limits_json(spec.actions.low);
    json["high"] = limits_json(spec.actions.high);
  }
  return json.dump();
}

EnvironmentSpec parse_spec(const std::string& text) {
  constexpr int64_t kMost = 1 << 20;
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  const std::optional<Json> json = parse_json(text, 3);
  if (!json || !json->is_object()) fail("expected a JSON object");
  EnvironmentSpec spec{.features = json->at("features").get<int64_t>()};
  if (const Json* choices = json->find("choices")) {
    spec.actions.choices = choices->get<int64_t>();
  } else {
    spec.actions.low = limits_from(json->at("low"), -kEndless);
    spec.actions.high = limits_from(json->at("high"), kEndless);
  }
  const ActionSpace& actions = spec.actions;
  const bool sizes = spec.features >= 1 && spec.features <= kMost && actions.choices >= 0 && actions.choices <= kMost &&
                     actions.size() >= 1 && actions.low.size() == actions.high.size();
  if (!sizes) fail("spaces of {} cannot be", spec.text());
  for (size_t i = 0; i < actions.low.size(); ++i) {
    if (!(actions.low[i] < actions.high[i])) fail("expected limits with low < high");
  }
  return spec;
}

ActTrained::ActTrained(const ActOptions& options, const EnvironmentSpec& spec, Random& random)
    : TrainedOf(options), model_(options.model, spec, random) {}

PlayOptions ActTrained::to_play(const DataFiles& data, int64_t usual_episodes) const {
  if (!data.empty()) fail_usage("the task 'act' reads no files, got {}", data[0].name());
  const ActUseOptions& use = options_.use;
  if (use.env.empty() && is_command_environment(options_.world.env)) {
    fail_usage(
        "the model was trained in '{}': set --eval-env to the program to run, since a model file may not choose what "
        "runs on your machine",
        options_.world.env);
  }
  return {.env = use.env.empty() ? options_.world.env : use.env,
          .environment = {.timeout = options_.world.timeout},
          .episodes = use.episodes.value_or(usual_episodes),
          .seed = use.seed,
          .stream = kEvaluationStream,
          .sample = use.sample,
          .batch = use.batch,
          .most_steps = options_.world.episode_steps.value_or(0)};
}

Evaluation ActTrained::evaluate(const DataFiles& data, Sink* examples) const {
  const std::vector<PlayedEpisode> episodes = play(model_, to_play(data, 100));
  if (examples != nullptr) write_episodes(episodes, *examples);
  return measured(episodes);
}

void ActTrained::predict(const DataFiles& data, Sink& out) const {
  PlayOptions options = to_play(data, 1);
  options.batch = 1;  // rows in the order of the episodes
  const EnvironmentSpec& spec = model_.spec();
  std::vector<std::string> names{"episode", "step"};
  for (const std::string& each : numbered("seen", spec.features)) names.push_back(each);
  for (const std::string& each : numbered("action", spec.actions.size())) names.push_back(each);
  for (const char* each : {"probability", "value", "reward", "end"}) names.emplace_back(each);
  out.columns(names);
  std::vector<TableCell> cells;
  play(model_, options, [&](const PlayedStep& step) {
    cells = {step.episode, step.step};
    for (const float each : step.observation) cells.emplace_back(static_cast<double>(each));
    for (const float each : step.action) {
      cells.push_back(spec.actions.is_discrete() ? TableCell(static_cast<int64_t>(each))
                                                 : TableCell(static_cast<double>(each)));
    }
    const Outcome& got = step.outcome;
    const std::string success = got.success ? (*got.success ? ", success" : ", failure") : "";
    const std::string end = got.terminated ? "terminated" + success : got.truncated ? "truncated" + success : "";
    for (const double each : {step.probability, step.value, got.reward}) cells.emplace_back(each);
    cells.emplace_back(end);
    out.row(cells);
  });
}

Description ActTrained::describe() const {
  const EnvironmentSpec& spec = model_.spec();
  Description facts{{"environment", options_.world.env}, {"features", spec.features}};
  if (spec.actions.is_discrete()) {
    facts.push_back({"choices", spec.actions.choices});
  } else {
    facts.push_back({"numbers_of_an_action", spec.actions.size()});
  }
  return facts;
}

Assets ActTrained::assets() const { return {{"spaces", spec_text(model_.spec())}}; }

}  // namespace recur
