// A model that generates a sequence one symbol at a time: the interface that sampling and search use for any network.
#pragma once

#include <cstdint>

#include "recur/tensor/tensor.h"

namespace recur {

// Works on a batch of B hypotheses, one per row: sequences that are being sampled, or the beams of several inputs. The
// state is a value: a list of tensors whose first axis is B.
class StepModel {
 public:
  virtual ~StepModel() = default;

  virtual int64_t symbols() const = 0;  // V

  // Before the first symbol. The network may have read an input or a prompt before it; one that has read a batch of
  // inputs is asked for as many hypotheses, the first of each.
  virtual Tensors initial(int64_t hypotheses) const = 0;

  struct Step {
    Tensor log_probabilities;  // f32 [B, V] of the next symbol; -infinity for forbidden symbols
    Tensors state;             // after the symbol
    // f32 [B, S], where it attends to an input of S positions: with which weights it did; undefined elsewhere
    Tensor attention = {};
  };
  // One step: the last symbol of each hypothesis, i32 [B], and the state before it.
  virtual Step step(const Tensor& symbols, const Tensors& state) const = 0;

  // The state whose row k is row from[k] of this one, i32 [K]: selects the hypotheses that continue, some repeatedly.
  virtual Tensors reorder(const Tensors& state, const Tensor& from) const;
};

}  // namespace recur
