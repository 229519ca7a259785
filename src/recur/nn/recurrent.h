// Recurrent layers: any cell of nn/cells, stacked, in one or both directions, over whole sequences.
#pragma once

#include <string>
#include <vector>

#include "recur/base/random.h"
#include "recur/nn/init.h"
#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/nn/recurrent_layer.h"
#include "recur/tensor/tensor.h"

namespace recur {

struct RecurrentOptions {
  std::string cell = "lstm";            // see cells(): rnn, rnn_relu, lstm, lstm_peephole, lstm_coupled, gru, ...
  int64_t input = 0;                    // F, features of x
  int64_t hidden = 0;                   // H, units of every layer ...
  int layers = 1;                       // ... of this many
  std::vector<int64_t> widths = {};     // or: H of each layer, instead of hidden and layers
  std::vector<std::string> cells = {};  // or: the cell of each layer, instead of cell
  bool bidirectional = false;
  bool bias = true;
  int64_t projection = 0;   // P: h is projected from H to P units (Sak, Senior and Beaufays 2014); LSTM kinds only
  bool layer_norm = false;  // Ba, Kiros and Hinton 2016

  // Used in training only; probabilities in [0, 1).
  float dropout = 0;            // on the input of every layer but the first (Zaremba et al. 2014)
  bool locked_dropout = false;  // with one mask for all time steps (Gal and Ghahramani 2016)
  float recurrent_dropout = 0;  // on h in the recurrence, one mask per sequence (Gal and Ghahramani 2016)
  float weight_drop = 0;        // on the recurrent weights, one mask per call (Merity et al. 2018)
  float zoneout = 0;            // of h: a unit keeps its old value with this probability (Krueger et al. 2017) ...
  float zoneout_inner = 0;      // ... and of the inner state (c)

  // Initial values. uniform: U(-1/sqrt(H), 1/sqrt(H)), as PyTorch; orthogonal: recurrent weights of every gate
  // orthogonal, input weights Xavier, biases 0; identity: recurrent weights the identity (ReLU; Le et al. 2015), input
  // weights normal(0, 0.001), biases 0; chrono: uniform, with forget biases log U(1, chrono_steps - 1) and input
  // biases their negative (Tallec and Ollivier 2018).
  std::string init = "uniform";
  int64_t chrono_steps = 100;
  double forget_bias = 0;  // added to the forget gate's bias

  // Gradient checkpointing: forward stores the states of every Nth step only, and backward recomputes the steps
  // between; 0: store everything.
  int64_t recompute = 0;
};

// The states of every layer and direction: layer 0 forward, layer 0 backward, layer 1 ... Each has h [B, H or P], then
// the inner states [B, H]. A value: it can be copied, stored and carried to the next window.
struct RecurrentState {
  std::vector<Tensors> layers;

  bool defined() const { return !layers.empty(); }
  // The same values outside any graph, as truncated BPTT carries them over.
  RecurrentState detach() const;
  // Zeros in the rows (streams) where keep[b] is 0.
  RecurrentState reset(const std::vector<uint8_t>& keep) const;
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

// Options of a stream: see nn/stream.h.
struct StreamOptions {
  int64_t streams = 1;  // independent ones side by side, each with a state of its own
  // The format of the packed weights. A step reads all of them, so a format of half the size is up to twice as fast.
  kernels::WeightFormat weights = kernels::WeightFormat::kF32;
};

class Stream;
class SteppedLayer;
struct StreamLayerOptions;

class Recurrent : public Module {
 public:
  explicit Recurrent(const RecurrentOptions& options) : Recurrent(options, default_random()) {}
  Recurrent(const RecurrentOptions& options, Random& random);

  // x [T, B, F], time-major.
  RecurrentOutput operator()(const Tensor& x, const RunOptions& options = {}) const;
  // The same for x = embedding(table, ids); ids in the padding do not matter, except in a trace. If the table has far
  // fewer rows than the batch, the input product of the first layer and its gradients are computed over the table, and
  // x is never computed.
  RecurrentOutput operator()(const Symbols& symbols, const RunOptions& options = {}) const;

  const RecurrentOptions& options() const { return options_; }
  int64_t output_features() const { return output_features_; }  // of y: D times H (or P) of the last layer
  RecurrentState zero_state(int64_t batch, DType dtype = DType::kF32) const;

  // The network one time step at a time, from a zero state: see nn/stream.h. Throws when it is bidirectional or not
  // f32.
  Stream stream(const StreamOptions& options = {}) const;

 private:
  friend class Stream;

  struct Layer {
    const Cell* cell;
    LayerParameters parameters;
    std::shared_ptr<PackedWeight> packed;
    std::shared_ptr<SteppedLayer> stepped;
  };

  void add_layer(Layer layer, const std::string& suffix);
  void check_call(const Shape& x, DType dtype, const RunOptions& run) const;
  void check_state(const RecurrentState& state, int64_t batch, DType dtype) const;
  void check_decay(const Tensors& decay, const Shape& x, DType dtype) const;
  LayerOptions layer_options(const Layer& layer, const Packing& packing, const Tensor& x, const RunOptions& run) const;
  StreamLayerOptions step_options(const Layer& layer, kernels::WeightFormat weights) const;
  LayerOutput run_one(const Layer& layer, const Tensor& x, const Tensors& states, const Packing& packing,
                      const LayerOptions& options, const RunOptions& run) const;
  LayerParameters dropped_weights(const Layer& layer, const RunOptions& run) const;
  // What the first layer reads: rows x [N, F], or, with ids [N], the rows of x [V, F] that they name.
  struct FirstInput {
    Tensor x;
    Tensor ids = {};
  };
  bool runs_in_int8(DType dtype, Mode mode) const;
  LayerOutput run_over_table(const Layer& layer, const FirstInput& input, const Tensors& states, const Packing& packing,
                             const LayerOptions& options, const RunOptions& run) const;
  RecurrentOutput run_layers(const FirstInput& input, const Packing& packing, const RunOptions& run) const;
  RecurrentOutput run_traced(const Tensor& x, const RunOptions& run) const;  // nn/recurrent_trace.cc
  Tensor drop(const Tensor& x, const Packing& packing, const RunOptions& run) const;

  RecurrentOptions options_;
  std::vector<Layer> layers_;  // forward and backward of layer 0, then of layer 1, ...
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
