// The base of layers whose step has no matrix product of its own state: what they compute is said once, over a
// LayerTime, and this does the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "recur/nn/layers/chrono_init.h"
#include "recur/nn/layers/layer_time.h"
#include "recur/nn/layers/sequence_layer.h"

namespace recur {

class ScanLayer : public SequenceLayer {
 public:
  // `name`: the kind. Throws for options that only cells have; with `has_chrono`, init may be chrono.
  ScanLayer(std::string name, const LayerSpec& spec, bool has_chrono = false);

  std::string kind() const override { return name_; }
  bool reverse() const override { return reverse_; }
  DType dtype() const override;
  int64_t input_features() const override { return input_; }
  int64_t output_features() const override { return hidden_; }

  LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const override;
  LayerOutput run_last(const LayerInput& input, const Tensors& states, const LayerCall& call) const override;
  // The layer over padded sequences: products of all steps, and scans between them.
  LayerOutput run_traced(const PaddedLayerInput& input) const override;

  // The twin of run(): step after step. In `trace` backward() puts, for each step, the norm of the gradient of what
  // leaves it, the output and the states; the vector must live until then.
  LayerOutput run_composed(const Tensor& x, const Tensors& states, const Packing& packing,
                           std::vector<double>* trace = nullptr) const;

 protected:
  // x [rows, F] and states [B, ...] -> h [rows, ...], as y, and the states after the last step.
  virtual LayerOutput compute(const Tensor& x, const Tensors& states, const LayerTime& time) const = 0;
  // y [rows, H] of h and x: what a layer does with each step by itself behind its loop. Where the last output alone is
  // read, it is given the last rows alone.
  virtual Tensor finish(const Tensor& h, [[maybe_unused]] const Tensor& x) const { return h; }

  int64_t hidden() const { return hidden_; }
  // A parameter drawn uniformly from +-1/sqrt(in), as Linear's: of shape [out, in], or [out] with that `in`.
  Parameter draw_weight(int64_t out, int64_t in, Random& random);
  Parameter draw_bias(int64_t out, int64_t in, bool wanted, Random& random);
  // The same, of gates; with init = chrono they begin as initialize_chrono() says, and the bias must be wanted.
  Parameter draw_gate_bias(int64_t out, int64_t in, MemoryGates gates, const LayerSpec& spec);

 private:
  LayerOutput computed(const Tensor& x, const Tensors& states, const LayerTime& time) const;  // and finished

  std::string name_;
  bool reverse_;
  int64_t input_, hidden_;  // F, H
};

// Throws UsageError, naming the kind, for options that only cells have; with `has_chrono`, init may be chrono.
void check_is_plain(std::string_view kind, const RecurrentOptions& options, bool has_chrono = false);

// The terms of each gate [..., H], of those of all side by side [..., count H].
Tensors terms_of_gates(const Tensor& terms, int64_t count);

}  // namespace recur
