// The base of layers whose state is a matrix a head: in training, chunks of steps by matrix products; in a stream, step
// by step. Both compute the same.
#pragma once

#include "recur/nn/layers/scan_layer.h"

namespace recur {

// What a chunk of L steps is given, or one step with L = 1; G = B heads sequences side by side, d units a head.
struct MemoryChunk {
  Tensor query, key, value;  // [G, L, d]
  Tensor first, second;      // [G, L] the two gates of each head, made by gates()
};

class MemoryLayer : public ScanLayer {
 public:
  // Projections of x: query, key, value, output gate. Throws where heads do not divide H.
  MemoryLayer(const std::string& name, const LayerSpec& spec);

  int64_t heads() const { return heads_; }
  int64_t head_size() const { return hidden() / heads_; }  // d

 protected:
  LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const override;

  // From the sums of the output gate [rows, H] and what memory gave [rows, H]: y.
  virtual Tensor leave(const Tensor& gate, const Tensor& read) const = 0;
  // Query, key and value from their projections [rows, heads, d].
  virtual Tensors enter(const Tensors& projected) const = 0;
  // The two gates [rows, heads] from their sums [rows, 2 heads], and then those of steps in the padding, which change
  // no state: padding [rows, 1].
  virtual Tensors gates(const Tensor& sums) const = 0;
  virtual Tensors closed(const Tensors& gates, const Tensor& padding) const = 0;
  // One chunk: what is read [G, L, d]; states [G, ...] are replaced by those after it.
  virtual Tensor run_chunk(const MemoryChunk& chunk, Tensors& states) const = 0;
  // The same of one step, by the recurrence itself.
  virtual Tensor run_step(const MemoryChunk& step, Tensors& states) const = 0;
  virtual int64_t chunk_steps() const = 0;

  Parameter weight_, bias_;            // [4 H, F], [4 H]: query, key, value, output gate
  Parameter gate_weight_, gate_bias_;  // [2 heads, F], [2 heads]

 private:
  // Of query, key, value [B, heads, d] and the two gates [B, heads]: the states after the step, and what it reads
  // [B, H].
  Tensors step(const Tensors& x, const Tensors& states) const;
  Tensor read_chunks(const Tensors& entered, const Tensors& gates, Tensors& states, const Packing& packing) const;

  int64_t heads_;
};

// The heads of a layer: as many as asked for, which must divide H, or the largest number of at most H / 64 that does.
int64_t memory_heads(std::string_view kind, const LayerSpec& spec);

// 0 where r >= i (r > i with `strictly`), 1 elsewhere, [L, L]: what is masked of products of steps r with steps i.
Tensor future_mask(int64_t steps, bool strictly, DType dtype);

// Low enough that its exponential is 0, and finite.
inline constexpr double kMasked = -1e30;

}  // namespace recur
