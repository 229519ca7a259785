// A decoder with attention (nn/attention_decoder.h) as a step model, over a batch of sequences that have been read.
#pragma once

#include <functional>
#include <optional>

#include "recur/decode/step_model.h"
#include "recur/nn/attention_decoder.h"

namespace recur {

// What writes: a decoder with the layers around it.
struct AttentionWriter {
  int64_t symbols = 0;  // V
  // Symbols i32 [1, B] from a state: a step.
  std::function<AttentionDecoder::Output(const Tensor& symbols, const DecoderState& state,
                                         const AttentionMemory& memory)>
      write;
  std::function<Tensor(const Tensor& features)> logits;  // [B, features] -> [B, V]
};

// A hypothesis' state: of the recurrent layers, the features and the weights handed on, the number of its source, and
// the memory of that.
class AttentionSteps : public StepModel {
 public:
  // `memory` and `first`: what was read, and the state before the first symbol. `unknown` is never predicted.
  AttentionSteps(AttentionWriter writer, AttentionMemory memory, DecoderState first, std::optional<int32_t> unknown);

  int64_t symbols() const override { return writer_.symbols; }
  Tensors initial(int64_t hypotheses) const override;
  Step step(const Tensor& symbols, const Tensors& state) const override;
  // The memory of the sources, much larger than the rest, is copied only where a row has come to another source.
  Tensors reorder(const Tensors& state, const Tensor& from) const override;

 private:
  // How many parts of a state are the hypothesis' own; behind them: the number, the memory.
  size_t own_parts() const;
  Tensors own_state(const DecoderState& state) const;

  AttentionWriter writer_;
  AttentionMemory memory_;
  DecoderState first_;
  std::optional<int32_t> unknown_;
};

}  // namespace recur
