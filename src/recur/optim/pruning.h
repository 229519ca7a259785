// Sparse recurrent layers by magnitude pruning while training: Narang, Elsen, Diamos and Sengupta, "Exploring sparsity
// in recurrent neural networks" (2017); in blocks, Narang, Undersander and Diamos, "Block-sparse recurrent neural
// networks" (2017), and Kalchbrenner et al., "Efficient neural audio synthesis" (2018).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recur/kernels/blocks.h"
#include "recur/tensor/named_tensors.h"

namespace recur {

struct PruningOptions {
  double sparsity = 0;         // share of the weights that is 0 in the end, in [0, 1); 0: nothing is pruned
  std::string block = "16x1";  // rows x columns: see pruning_blocks()
  // Shares of the budget at which pruning begins and has reached the sparsity; between them the share of zeros rises as
  // sparsity (1 - (1 - t)^3), t from 0 to 1 (Zhu and Gupta, "To prune, or not to prune", 2017).
  double begin = 0.1, end = 0.5;
};

// The shapes that blocks may have: "1x1", "16x1", "4x16".
const std::vector<std::string>& pruning_blocks();

// Prunes the input and recurrent weights (weight_ih*, weight_hh*) of recurrent layers that have at least 16 rows and
// columns: of each weight the blocks whose mean magnitude is lowest. What is pruned stays 0: in its forward pass a
// model never sees such weights, and its gradients there are dropped.
class Pruner {
 public:
  Pruner() = default;  // of nothing
  // `parameters` are those of the model, which the optimiser has already taken. Throws UsageError for options out of
  // range, and where there is nothing to prune.
  Pruner(const NamedTensors& parameters, const PruningOptions& options);

  bool is_on() const { return !weights_.empty(); }
  // Whether the masks are final; true where nothing is to be pruned.
  bool is_done() const { return !is_on() || stage_ == kStages; }

  // Drops the gradients of what is pruned: to be called between backward and the optimiser's step.
  void mask_gradients();
  // After the optimiser's step; `share` of the budget used up with it. Prunes more when that is due, and sets all that
  // is pruned to 0. Returns true when the masks have just become final.
  bool step(double share);
  // Sets what is pruned to 0, in whatever the parameters hold now (their average over steps).
  void apply();

  // The masks and how far they have come.
  NamedTensors state() const;
  void load_state(const NamedTensors& state);

 private:
  static constexpr int64_t kStages = 50;  // the masks grow in this many steps

  struct Weight {
    std::string name;
    Tensor value;        // [rows, columns]
    Tensor keep;         // u8 [blocks down, blocks across]; 0: pruned
    int64_t pruned = 0;  // blocks
  };
  void prune(Weight& weight, double share) const;

  PruningOptions options_;
  kernels::BlockShape shape_;
  int64_t stage_ = 0;
  std::vector<Weight> weights_;
};

}  // namespace recur
