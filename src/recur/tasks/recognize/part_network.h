// Recurrent layers for each part of a body, whose outputs are fused stage by stage: Du, Wang and Wang, "Hierarchical
// recurrent neural network for skeleton based action recognition" (2015).
#pragma once

#include <cstdint>
#include <vector>

#include "recur/nn/mode.h"
#include "recur/nn/module.h"
#include "recur/nn/recurrent.h"
#include "recur/nn/stream.h"

namespace recur {

struct PartOptions {
  std::vector<std::vector<int64_t>> parts = {};  // the joints of each, from 0
  int64_t joint_features = 0;                    // numbers of a joint, which stand side by side
  RecurrentOptions rnn = {};                     // of one layer for each part and stage
};

// Five parts are a trunk, two arms and two legs: each limb is fused with the trunk, then arms with each other and legs
// with each other. Of any other number all parts are read by themselves and are then put side by side.
class PartNetwork : public Module {
 public:
  PartNetwork(const PartOptions& options, Random& random);

  // x [T, B, J joint_features + more] -> [T, B, output_features()]; what stands behind the joints is passed over.
  Tensor operator()(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const;
  int64_t output_features() const;

  // Step by step, of layers that read forwards.
  class Stepper {
   public:
    explicit Stepper(const PartNetwork& network);
    void step(std::span<const float> x, std::vector<float>& out);

   private:
    struct Group {
      std::vector<size_t> parts;
      Stream stream;
      std::vector<float> y;
    };
    const PartNetwork* network_;
    std::vector<std::vector<Group>> stages_;
    std::vector<float> room_;
  };

 private:
  // Layers over what some groups of the stage before give.
  struct Group {
    std::vector<size_t> from;  // of the first stage: the part
    Recurrent rnn;
  };
  Tensor part(const Tensor& x, size_t which) const;

  PartOptions options_;
  std::vector<std::vector<Group>> stages_;
};

}  // namespace recur
