// A step model that can be worked out by hand: what follows depends on the last two symbols alone.
#pragma once

#include <cmath>
#include <vector>

#include "recur/base/random.h"
#include "recur/decode/step_model.h"

namespace recur::testing {

// Of V symbols; p[a, b, c] is the probability of c after a, b. The state of a hypothesis is the symbol before its last.
class Chain : public StepModel {
 public:
  Chain(int64_t symbols, std::vector<double> probabilities) : symbols_(symbols), p_(std::move(probabilities)) {}

  double probability(int32_t a, int32_t b, int32_t c) const {
    return p_[static_cast<size_t>((a * symbols_ + b) * symbols_ + c)];
  }

  int64_t symbols() const override { return symbols_; }
  Tensors initial(int64_t hypotheses) const override { return {Tensor::zeros({hypotheses, 1})}; }
  Step step(const Tensor& symbols, const Tensors& state) const override {
    const int64_t rows = symbols.size(0);
    Step out{.log_probabilities = Tensor::empty({rows, symbols_}), .state = {Tensor::empty({rows, 1})}};
    for (int64_t b = 0; b < rows; ++b) {
      const int32_t last = symbols.values<int32_t>()[b];
      const auto before = static_cast<int32_t>(state[0].values<float>()[b]);
      for (int32_t c = 0; c < symbols_; ++c) {
        out.log_probabilities.data<float>()[b * symbols_ + c] =
            static_cast<float>(std::log(probability(before, last, c)));
      }
      out.state[0].data<float>()[b] = static_cast<float>(last);
    }
    return out;
  }

 private:
  int64_t symbols_;
  std::vector<double> p_;
};

// Of random probabilities, each at least a little.
inline Chain random_chain(int64_t symbols, uint64_t seed) {
  Random random(seed);
  std::vector<double> p(static_cast<size_t>(symbols * symbols * symbols));
  for (size_t row = 0; row < p.size(); row += static_cast<size_t>(symbols)) {
    double total = 0;
    for (int64_t c = 0; c < symbols; ++c) total += p[row + static_cast<size_t>(c)] = 0.1 + random.uniform64();
    for (int64_t c = 0; c < symbols; ++c) p[row + static_cast<size_t>(c)] /= total;
  }
  return Chain(symbols, std::move(p));
}

}  // namespace recur::testing
