// An environment: a world in which actions have consequences, for reinforcement learning.
//
//   auto world = make_environment("t-maze:70");
//   std::vector<float> seen(world->spec().features);
//   world->reset(7, seen);                                        // an episode that follows from its seed
//   for (Outcome got; !got.ends();) got = world->step(action, seen);
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace recur {

// What an agent may do at a step: one of several choices, or a few numbers.
struct ActionSpace {
  int64_t choices = 0;                      // an action is one of 0 .. choices - 1; 0: it is numbers
  std::vector<double> low = {}, high = {};  // of each number; may be infinite

  bool is_discrete() const { return choices > 0; }
  // Floats in an action: the number of the choice, or the numbers.
  int64_t size() const { return is_discrete() ? 1 : static_cast<int64_t>(low.size()); }
  bool operator==(const ActionSpace&) const = default;
};

struct EnvironmentSpec {
  int64_t features = 0;  // F, numbers in an observation; a symbol is one-hot among them
  ActionSpace actions = {};

  std::string text() const;  // "4 features; 2 choices"
  bool operator==(const EnvironmentSpec&) const = default;
};

// What came of a step.
struct Outcome {
  double reward = 0;
  bool terminated = false;           // the episode has come to its end
  bool truncated = false;            // it was cut off, by a limit on its steps
  std::optional<bool> success = {};  // at the end of an episode, where the environment knows of success

  bool ends() const { return terminated || truncated; }
};

// One environment, in one episode at a time. Several side by side are several objects; they know nothing of each other.
class Environment {
 public:
  virtual ~Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  const EnvironmentSpec& spec() const { return spec_; }

  // Begins an episode, which follows from `seed` and the actions alone. observation: [F].
  virtual void reset(uint64_t seed, std::span<float> observation) = 0;
  // Begins a step, which step() with the same action ends: environments that are other processes work side by side.
  virtual void begin_step(std::span<const float> /*action*/) {}
  // action: spec().actions.size() numbers, within the space. observation: [F], after the step, also behind the last.
  // REQUIRES: an episode that has not ended
  virtual Outcome step(std::span<const float> action, std::span<float> observation) = 0;

 protected:
  explicit Environment(EnvironmentSpec spec) : spec_(std::move(spec)) {}

  EnvironmentSpec spec_;
};

// The choice that the float of a discrete action stands for.
inline int64_t choice_of(std::span<const float> action) { return static_cast<int64_t>(action[0]); }

}  // namespace recur
