// An environment that is another program, by a line protocol on its standard input and output (docs/act.md).
#pragma once

#include <memory>
#include <string>

#include "recur/environments/child_process.h"
#include "recur/environments/environment.h"
#include "recur/environments/environments.h"

namespace recur {

// One JSON object a line. The program begins with its spaces:
//   {"observation": {"size": 4}, "action": {"n": 2}}
// "size": so many numbers, or "n": a symbol 0 .. n - 1, which becomes one-hot; an action of numbers is
// {"low": [-2], "high": [2]}, null without a limit. Then it answers:
//   {"reset": 7}                      {"observation": [0.1, 0, 0, 0]}
//   {"step": 1} or {"step": [0.5]}    {"observation": [...], "reward": 1, "terminated": false, "truncated": false}
// "done" may stand for "terminated", "success" may say whether an episode that ends was one, and {"error": "..."} is
// the answer of a program that cannot go on. Lists may be nested.
class CommandEnvironment : public Environment {
 public:
  // Throws Error when the program cannot be run or does not begin so.
  CommandEnvironment(std::string command, const EnvironmentOptions& options);

  void reset(uint64_t seed, std::span<float> observation) override;
  void begin_step(std::span<const float> action) override;
  Outcome step(std::span<const float> action, std::span<float> observation) override;

 private:
  template <class F>
  auto named(F&& f) const;  // f(), with errors that name the command, the episode and the step
  void begin();

  std::string command_;
  EnvironmentOptions options_;
  std::unique_ptr<ChildProcess> process_;
  bool symbols_ = false;  // an observation is a symbol
  bool asked_ = false;    // a step has begun
  int64_t episode_ = 0, step_ = 0;
};

}  // namespace recur
