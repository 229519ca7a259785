#include "recur/environments/command_environment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "recur/base/error.h"
#include "recur/base/json.h"

namespace recur {
namespace {

constexpr int64_t kMostNumbers = 1 << 20;  // in an observation, or choices of an action
constexpr int kDeepest = 16;
constexpr double kGreatestReward = 1e12;

// What an error shows of an answer.
std::string beginning(std::string_view line) {
  constexpr size_t kShown = 120;
  return line.size() <= kShown ? std::string(line) : std::string(line.substr(0, kShown)) + "...";
}

Json parsed(const std::string& line) {
  std::optional<Json> json = parse_json(line, kDeepest);
  if (!json || !json->is_object()) {
    const bool unreal = line.find("NaN") != std::string::npos || line.find("Infinity") != std::string::npos;
    fail("expected a JSON object, got: {}{}", beginning(line), unreal ? "; JSON has no NaN and no Infinity" : "");
  }
  if (const Json* error = json->find("error"))
    fail("the program says: {}", error->is_text() ? error->get<std::string>() : error->dump());
  return *std::move(json);
}

const Json& need(const Json& object, std::string_view key) {
  const Json* found = object.is_object() ? object.find(key) : nullptr;
  if (found == nullptr) fail("expected \"{}\", got: {}", key, beginning(object.dump(BadUtf8::kReplace)));
  return *found;
}

int64_t count_of(const Json& value, std::string_view key) {
  const int64_t count = value.is_integer() ? value.get<int64_t>() : 0;
  if (count < 1 || count > kMostNumbers)
    fail("{}: expected an integer in [1, {}], got {}", key, kMostNumbers, beginning(value.dump(BadUtf8::kReplace)));
  return count;
}

// The numbers of nested lists, in their order.
void flatten(const Json& value, std::vector<double>& out, double of_null) {
  if (value.is_array()) {
    for (const Json& each : value) flatten(each, out, of_null);
  } else if (value.is_boolean()) {
    out.push_back(value.get<bool>() ? 1 : 0);
  } else {
    out.push_back(value.is_null() ? of_null : value.get<double>());
  }
}

std::vector<double> limits_of(const Json& value, double of_null) {
  std::vector<double> out;
  flatten(value, out, of_null);
  return out;
}

ActionSpace action_space(const Json& json) {
  if (const Json* choices = json.is_object() ? json.find("n") : nullptr) {
    if (json.contains("low") || json.contains("high"))
      fail("action: expected either \"n\", or \"low\" and \"high\", got: {}", beginning(json.dump(BadUtf8::kReplace)));
    return {.choices = count_of(*choices, "action: n")};
  }
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  ActionSpace space{.low = limits_of(need(json, "low"), -kEndless), .high = limits_of(need(json, "high"), kEndless)};
  if (space.low.empty() || space.low.size() != space.high.size())
    fail("action: expected as many numbers in \"low\" as in \"high\", and at least one, got {} and {}",
         space.low.size(), space.high.size());
  for (size_t i = 0; i < space.low.size(); ++i) {
    if (!(space.low[i] < space.high[i]))
      fail("action: expected limits with low < high, got {} and {} of number {}", space.low[i], space.high[i], i + 1);
  }
  return space;
}

bool flag_of(const Json& answer, std::string_view key) {
  const Json* found = answer.find(key);
  return found != nullptr && (found->is_boolean() ? found->get<bool>() : found->get<double>() != 0);
}

// Writes what the answer's "observation" says.
void put_observation(const Json& answer, bool symbols, std::span<float> observation) {
  std::vector<double> numbers;
  flatten(need(answer, "observation"), numbers, std::numeric_limits<double>::quiet_NaN());
  const size_t wanted = symbols ? 1 : observation.size();
  if (numbers.size() != wanted)
    fail("observation: expected {} number{}, got {}", wanted, wanted == 1 ? "" : "s", numbers.size());
  if (symbols) {
    const double symbol = numbers[0];
    if (!(symbol >= 0 && symbol < static_cast<double>(observation.size())) || symbol != std::floor(symbol))
      fail("observation: expected one of 0 .. {}, got {}", observation.size() - 1, symbol);
    std::ranges::fill(observation, 0.0f);
    observation[static_cast<size_t>(symbol)] = 1;
    return;
  }
  for (size_t i = 0; i < numbers.size(); ++i) {
    observation[i] = static_cast<float>(numbers[i]);
    if (!std::isfinite(observation[i])) fail("observation: number {} is {}", i + 1, numbers[i]);
  }
}

}  // namespace

template <class F>
auto CommandEnvironment::named(F&& f) const {
  try {
    return f();
  } catch (const Error& error) {
    const std::string place = episode_ == 0 ? "at its beginning" : fmt::format("episode {}, step {}", episode_, step_);
    fail("environment 'command:{}': {}: {}", command_, place, error.what());
  }
}

CommandEnvironment::CommandEnvironment(std::string command, const EnvironmentOptions& options)
    : Environment({}), command_(std::move(command)), options_(options) {
  named([&] { begin(); });
}

void CommandEnvironment::begin() {
  process_ = std::make_unique<ChildProcess>(command_words(command_));
  const Json spaces = parsed(process_->receive(options_.timeout));
  const Json& observation = need(spaces, "observation");
  symbols_ = observation.is_object() && observation.contains("n");
  if (symbols_ && observation.contains("size"))
    fail("observation: expected either \"size\" or \"n\", got: {}", beginning(observation.dump(BadUtf8::kReplace)));
  spec_.features = symbols_ ? count_of(need(observation, "n"), "observation: n")
                            : count_of(need(observation, "size"), "observation: size");
  spec_.actions = action_space(need(spaces, "action"));
}

void CommandEnvironment::reset(uint64_t seed, std::span<float> observation) {
  ++episode_;
  step_ = 0;
  asked_ = false;
  named([&] {
    process_->send(Json{{"reset", seed}}.dump(), options_.timeout);
    const Json answer = parsed(process_->receive(options_.timeout));
    for (const char* key : {"terminated", "truncated", "done"}) {
      if (flag_of(answer, key)) fail("the answer to a reset says \"{}\": expected an episode that goes on", key);
    }
    put_observation(answer, symbols_, observation);
  });
}

void CommandEnvironment::begin_step(std::span<const float> action) {
  ++step_;
  asked_ = true;
  named([&] {
    const Json what =
        spec_.actions.is_discrete() ? Json(choice_of(action)) : Json(std::vector<double>(action.begin(), action.end()));
    process_->send(Json{{"step", what}}.dump(), options_.timeout);
  });
}

Outcome CommandEnvironment::step(std::span<const float> action, std::span<float> observation) {
  if (!asked_) begin_step(action);
  asked_ = false;
  return named([&] {
    const Json answer = parsed(process_->receive(options_.timeout));
    put_observation(answer, symbols_, observation);
    const Json& reward = need(answer, "reward");
    Outcome out{.reward = reward.is_null() ? std::numeric_limits<double>::quiet_NaN() : reward.get<double>()};
    // Of rewards sums of squares are taken, in single precision.
    if (!(std::abs(out.reward) <= kGreatestReward))
      fail("reward: expected a number in [-{0:g}, {0:g}], got {1}", kGreatestReward, out.reward);
    if (!answer.contains("terminated") && !answer.contains("done"))
      fail("expected \"terminated\" (or \"done\"), got: {}", beginning(answer.dump(BadUtf8::kReplace)));
    out.terminated = flag_of(answer, "terminated") || flag_of(answer, "done");
    out.truncated = flag_of(answer, "truncated");
    if (out.ends() && answer.contains("success")) out.success = flag_of(answer, "success");
    return out;
  });
}

}  // namespace recur
