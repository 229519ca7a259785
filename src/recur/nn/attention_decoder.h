// A recurrent decoder: writes a sequence step by step, reading an encoded one with attention.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "recur/nn/attention.h"
#include "recur/nn/layers/cell_layer.h"
#include "recur/nn/linear.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/time_conv.h"

namespace recur {

struct AttentionDecoderOptions {
  RecurrentOptions rnn = {};          // whose `input` are the features of a symbol, without those fed back
  int64_t memory = 0;                 // E, features of the encoded steps
  std::string attention = "general";  // a kind of Attention, or "none": the first state alone knows the input
  int64_t units = 0, heads = 4;       // of the attention
  int64_t output = 0;                 // features a step gives; 0: as many as the last layer
  // The features of a step are inputs of the next, so that the decoder knows where it has looked (Luong et al. 2015).
  // Without, all steps of a known sequence are computed at once.
  bool input_feeding = true;
  float dropout = 0;  // on the features
  // K, taps of a convolution over the weights of the step before, whose features are added to the keys, so that the
  // attention knows where it was (location-sensitive: Chorowski et al. 2015); 0: none. Not of multi_head.
  int64_t location = 0;
  // The convolution also sees the sum of the weights of all steps before, so that nothing is read twice or left out
  // (Shen et al., "Natural TTS synthesis by conditioning WaveNet on mel spectrogram predictions", 2018).
  bool location_sum = false;
  // Numbers of keys that are kept for the gradients of all steps, three for each key and step; if there are more, that
  // attention is computed once more in backward.
  int64_t kept_keys = int64_t{1} << 26;
  // The context is multiplied by a number that the step's y decides, sigmoid(w . y + b), so that a step may look away
  // (Xu et al., "Show, attend and tell: neural image caption generation with visual attention", 2015).
  bool gate = false;
};

struct DecoderState {
  RecurrentState rnn;
  Tensor fed;  // [B, output], the features of the last step; undefined without input feeding
  // The weights of the last step [B, S], or with `location_sum` those and the sum of all so far [B, S, 2]; undefined
  // without `location`.
  Tensor attended = {};
};

// Of a step: y from the recurrent layers, whose input is the symbol, and what was fed; the context c by attention of y;
// the features tanh(W [c; y] + b), of y alone without attention.
// Parameters: bridge.*, rnn.*, attention.*, location.*, locate.* (with `location`), gate.* (with `gate`), combine.*.
class AttentionDecoder : public Module {
 public:
  explicit AttentionDecoder(const AttentionDecoderOptions& options, Random& random = default_random());

  // encoded [S, B, E]. Empty without attention.
  AttentionMemory read(const Tensor& encoded, const std::vector<int64_t>& lengths) const;
  // The state before the first step, made of a summary [B, E] of the encoded sequence by one layer with tanh. With
  // `location` it needs the memory too.
  DecoderState first_state(const Tensor& summary, const AttentionMemory& memory = {}) const;

  struct Output {
    Tensor features;  // [T, B, output]
    Tensor weights;   // [T, B, S]; undefined without attention
    DecoderState state;
  };
  // T steps of which the symbols are known: x [T, B, F], of sequences of these lengths (empty: all T). What
  // comes out in the padding does not count.
  Output operator()(const Tensor& x, const DecoderState& state, const AttentionMemory& memory, Mode mode,
                    const std::vector<int64_t>& lengths = {}) const;

  int64_t output_features() const { return combine_.weight->size(0); }
  const Recurrent& rnn() const { return rnn_; }
  bool attends() const { return attention_.has_value(); }
  bool feeds() const { return options_.input_feeding && attends(); }
  bool locates() const { return location_.has_value(); }

 private:
  // What all steps of a call have in common.
  struct Call {
    const AttentionMemory& memory;
    Mode mode;
    const std::vector<int64_t>& lengths;
    Tensor attended = {};      // as of DecoderState, before a step that locates
    bool looks_again = false;  // backward computes that attention once more, rather than keeping keys for each step
  };
  Output run(const Tensor& x, const DecoderState& state, const Call& call) const;
  const CellLayer* loop_layer(int64_t steps) const;
  Output run_loop(const CellLayer& layer, const Tensor& x, const DecoderState& state, const Call& call) const;
  Output run_steps(const Tensor& x, const DecoderState& state, const Call& call) const;
  Attention::Output attend(const Tensor& y, const Call& call) const;
  Tensor attended_after(const Tensor& before, const Tensor& weights) const;

  AttentionDecoderOptions options_;
  Recurrent rnn_;
  std::optional<Attention> attention_;
  std::optional<TimeConv> location_;  // [S, B, 1 or 2] -> [S, B, features]
  std::optional<Linear> locate_;      // to those of a key
  std::optional<Linear> gate_;        // of the context: to one number
  Linear combine_, bridge_;
};

}  // namespace recur
