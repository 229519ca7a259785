// One layer of a stack, in one direction, over packed sequences: a recurrent cell, or anything else that reads a
// sequence step by step. nn/recurrent.h makes stacks of them.
//
// A kind of layer is a class that derives from SequenceLayer and a line in layer_kinds.cc. What it may be:
//
//   a cell (cell_layer.h)      states h [B, H], c [B, H]; any direction; a decay of h
//   a linear scan over time    state h [B, H], of complex numbers [B, 2 H] (scan_layer.h)
//   a matrix memory            states [B, heads, d, d], [B, heads, d] and a stabiliser [B, heads]
//   a convolutional cell       states [B, C, H, W]
//   causal attention           keys and values of the steps seen, [B, T, d], which grow; and their number [B]
//   a block                    norms and additions around any of these: its states, and the rows a convolution keeps
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/nn/layers/stepper.h"
#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/nn/packing.h"
#include "recur/nn/recurrent_options.h"
#include "recur/tensor/tensor.h"

namespace recur {

// The outputs that are wanted: of all steps, or of each sequence's last.
enum class OutputSteps { kAll, kLast };

// What a layer is to be: made by a stack, of its own options.
struct LayerSpec {
  int64_t input = 0;                // F
  int64_t hidden = 0;               // H, units
  bool reverse = false;             // from the last step to the first
  const RecurrentOptions& options;  // what the stack's layers have in common
  Random& random;                   // of the initial values
};

// Rows x [N, F]; or, with ids [N] (i32), the rows of the table x [V, F] that they name.
struct LayerInput {
  Tensor x;
  Tensor ids = {};
};

struct LayerOutput {
  Tensor y;        // [N, P]
  Tensors states;  // after the last step of each row
};

// What a layer is given in a trace, which leaves T, B and lengths open: padded sequences.
struct PaddedLayerInput {
  Tensor x;             // [T, B, F]
  Tensor lengths = {};  // i64 [B]; undefined: all T
  Tensor decay = {};    // [T, B, P]; undefined: none
  Tensors states = {};  // h [B, P], then inner states [B, H]; empty: zeros
};

// How a layer is called, beside its input and its states.
struct LayerCall {
  const Packing& packing;  // of the rows: `steps` steps, at step t the rows offset(t) .. offset(t) + rows(t) - 1
  Mode mode = Mode::evaluation();
  // What multiplies h before each step, [N, decay_features()]; undefined: nothing does. Gradients flow through it.
  Tensor decay = {};
  std::vector<double>* trace = nullptr;  // filled by backward(): the norm of the gradient of h at every step
};

// Its parameters are those of Module, by the names they have in a stack of one layer ("weight_ih" of weight_ih_l0).
class SequenceLayer : public Module {
 public:
  virtual std::string kind() const = 0;  // the name in layer_kinds()
  virtual bool reverse() const = 0;
  virtual DType dtype() const = 0;  // of the parameters, which inputs and states must have

  virtual int64_t input_features() const = 0;   // F
  virtual int64_t output_features() const = 0;  // P

  // The states before the first step: zeros [B, ...], of any number and rank.
  virtual Tensors zero_states(int64_t batch, DType dtype) const = 0;
  // The axis along which a state grows with the steps seen, as a cache of keys does; -1: none.
  virtual int growing_axis([[maybe_unused]] size_t state) const { return -1; }

  // The states' rows are in the packing's order, as x's are. A row of length 0 keeps its states.
  virtual LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const = 0;
  // The same, but y has the rows of Packing::last_rows() alone. A layer that ends in work on each step by itself may do
  // it for these rows only.
  virtual LayerOutput run_last(const LayerInput& input, const Tensors& states, const LayerCall& call) const {
    LayerOutput out = run(input, states, call);
    out.y = call.packing.last_rows(out.y, reverse());
    return out;
  }

  // Whether run() would rather be given a table of that many rows, and ids, than the rows they name. A layer that never
  // says so sees rows alone.
  virtual bool reads_table([[maybe_unused]] int64_t rows, [[maybe_unused]] const LayerCall& call) const {
    return false;
  }
  // Features of the decay; 0: the layer takes none.
  virtual int64_t decay_features() const { return 0; }
  // In evaluation, under a trace: y [T, B, P], zeros in the padding, and the states; a node. Throws where the kind has
  // none.
  virtual LayerOutput run_traced([[maybe_unused]] const PaddedLayerInput& input) const {
    fail("trace: there is no node for a layer of kind {}", kind());
  }
  // The layer as it is now, to be stepped; null: it cannot be. REQUIRES: f32, not in reverse.
  virtual std::shared_ptr<const Stepper> stepper([[maybe_unused]] const StreamOptions& options) const {
    return nullptr;
  }
};

}  // namespace recur
