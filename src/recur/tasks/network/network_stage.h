// A layer of an imported network, ready to run: over whole sequences, in pieces, or step by step.
#pragma once

#include <memory>
#include <span>

#include "recur/nn/module.h"
#include "recur/nn/recurrent.h"
#include "recur/tasks/network/stack_layer.h"

namespace recur {

// What a stage keeps from one piece of a sequence to the next; nothing before the first.
struct StageState {
  RecurrentState recurrent{};
  Tensor before{};  // the last inputs of a convolution [N, B, F]
};

// The stage for one step at a time, with a state of its own. Allocates nothing.
class StageStepper {
 public:
  virtual ~StageStepper() = default;
  virtual std::unique_ptr<StageStepper> clone() const = 0;
  virtual void step(std::span<const float> x, std::span<float> y) = 0;
  // Of a join: with the input of an earlier layer.
  virtual void step_joined(std::span<const float> x, std::span<const float> earlier, std::span<float> y) {
    static_cast<void>(earlier);
    step(x, y);
  }
  virtual void reset() {}
};

class NetworkStage {
 public:
  virtual ~NetworkStage() = default;

  virtual const Module* parameters() const { return nullptr; }
  // x [T, B, F], all sequences of one length -> [T', B, O]. Goes on from `state`, which a stage that is not causal
  // does not use.
  virtual Tensor run(const Tensor& x, StageState& state) const = 0;
  // Of a join: with the input of an earlier layer, of x's shape.
  virtual Tensor run_joined(const Tensor& x, const Tensor& earlier, StageState& state) const {
    static_cast<void>(earlier);
    return run(x, state);
  }
  // Whether a step's output needs nothing of what comes after, one for each step.
  virtual bool is_causal() const { return true; }
  // REQUIRES: is_causal(), f32 parameters.
  virtual std::unique_ptr<StageStepper> stepper() const = 0;
};

// `turns`: the layer before goes both ways, which "last" has to know. New parameters are zeros or drawn at random, for
// the caller to replace.
std::shared_ptr<const NetworkStage> make_stage(const StackLayer& layer, int64_t input, bool turns);

}  // namespace recur
