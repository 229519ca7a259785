// Stacks of recurrent layers, in one or both directions, over whole sequences.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/nn/init.h"
#include "recur/nn/layers/layer_kinds.h"
#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/nn/recurrent_options.h"
#include "recur/tensor/tensor.h"

namespace recur {

// The states of every layer and direction, layer 0 forward, layer 0 backward, layer 1 ...; of each what its kind has,
// zeros before the first step: of a cell h [B, H or P], then the inner states [B, H]. A value: copy it, store it, carry
// it to the next window.
struct RecurrentState {
  std::vector<Tensors> layers;

  bool defined() const { return !layers.empty(); }
  // The same values outside any graph, as truncated BPTT carries them over.
  RecurrentState detach() const;
  // Zeros in the rows (streams) where keep[b] is 0.
  RecurrentState reset(const std::vector<uint8_t>& keep) const;
};

// The norm of the gradient with respect to h at every time step, as a loss's backward() finds it.
struct GradientTrace {
  std::vector<std::vector<double>> norms;  // [layer and direction][t]; empty of a layer without h
};

struct RunOptions {
  std::vector<int64_t> lengths = {};  // of each sequence, 0 .. T; empty: all T
  RecurrentState state = {};          // before the first step; undefined: zeros
  // Factors that multiply h before every step: a tensor [T, B, H or P] for each layer and direction (as in
  // RecurrentState), undefined for layers without decay; empty: no decay. Gradients flow through them.
  Tensors decay = {};
  Mode mode = Mode::training();    // by default dropout draws from default_random()
  GradientTrace* trace = nullptr;  // filled by backward(): the gradient's norm at every step
};

struct RecurrentOutput {
  Tensor y;              // [T, B, D H], zeros in the padding
  RecurrentState state;  // after each sequence's last step
};

// Symbols: ids [T, B] (i32), each the index of a row of table [V, F].
struct Symbols {
  Tensor ids;
  Tensor table;
};

class Stream;

class Recurrent : public Module {
 public:
  explicit Recurrent(const RecurrentOptions& options) : Recurrent(options, default_random()) {}
  // `kinds`: what `cell` and `cells` of the options name.
  Recurrent(const RecurrentOptions& options, Random& random, std::span<const LayerKind> kinds = layer_kinds());

  // x [T, B, F], time-major.
  RecurrentOutput operator()(const Tensor& x, const RunOptions& options = {}) const;
  // The same for x = embedding(table, ids); ids in the padding do not matter, except in a trace. If the table has far
  // fewer rows than the batch, the input product of the first layer and its gradients are computed over the table, and
  // x is never computed.
  RecurrentOutput operator()(const Symbols& symbols, const RunOptions& options = {}) const;

  // y at the last step of each sequence, of backward layers at the first, which is their last; zeros for an empty
  // sequence: pool_last(y, lengths), [B, D H]. Blocks, LRUs and Griffin do what is behind their loop for these alone.
  Tensor last(const Tensor& x, const RunOptions& options = {}) const;

  const RecurrentOptions& options() const { return options_; }
  int64_t output_features() const { return output_features_; }  // of y: D times H (or P) of the last layer
  RecurrentState zero_state(int64_t batch, DType dtype = DType::kF32) const;
  // In the order of RecurrentState.
  std::span<const std::shared_ptr<const SequenceLayer>> layers() const { return layers_; }

  // The network one time step at a time, from a zero state: see nn/stream.h. Throws when it is bidirectional, not f32,
  // or has a layer that cannot be stepped.
  Stream stream(const StreamOptions& options = {}) const;

 private:
  friend class Stream;

  void check_call(const Shape& x, DType dtype, const RunOptions& run) const;
  void check_state(const RecurrentState& state, int64_t batch, DType dtype) const;
  void check_decay(const Tensors& decay, const Shape& x, DType dtype) const;
  size_t directions() const { return options_.bidirectional ? 2 : 1; }
  LayerCall call_of(size_t layer, const Packing& packing, const RunOptions& run) const;
  bool reads_table(int64_t rows, const Packing& packing, const RunOptions& run) const;
  // The outputs of the last layer over packed rows, or of its last steps alone, and the states.
  RecurrentOutput run_layers(LayerInput input, const Packing& packing, const RunOptions& run,
                             OutputSteps steps = OutputSteps::kAll) const;
  RecurrentOutput run_traced(const Tensor& x, const RunOptions& run) const;  // nn/recurrent_trace.cc
  Tensor drop(const Tensor& x, size_t layer, const Packing& packing, Mode mode) const;

  RecurrentOptions options_;
  std::vector<std::shared_ptr<const SequenceLayer>> layers_;
  int64_t output_features_ = 0;
};

// Recurrent with its cell chosen: recur::Lstm lstm({.input = 8, .hidden = 64}).
template <const char* const* kName>
class RecurrentOf : public Recurrent {
 public:
  explicit RecurrentOf(RecurrentOptions options) : Recurrent(chosen(std::move(options))) {}
  RecurrentOf(RecurrentOptions options, Random& random) : Recurrent(chosen(std::move(options)), random) {}

 private:
  static RecurrentOptions chosen(RecurrentOptions options) {
    options.cell = *kName;
    return options;
  }
};
inline constexpr const char* kLstmName = "lstm";
inline constexpr const char* kGruName = "gru";
inline constexpr const char* kRnnName = "rnn";
using Lstm = RecurrentOf<&kLstmName>;
using Gru = RecurrentOf<&kGruName>;
using Rnn = RecurrentOf<&kRnnName>;

}  // namespace recur
