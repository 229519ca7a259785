#include "recur/tasks/forecast/dilated_stack.h"

#include <string>

#include "recur/ops/binary.h"
#include "recur/ops/pad.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

// Steps that are d apart are a sequence of their own: d B of them side by side, each T / d long.
Tensor run_dilated(const Recurrent& rnn, const Tensor& x, int64_t dilation, Mode mode) {
  const int64_t steps = x.size(0), batch = x.size(1), rounds = (steps + dilation - 1) / dilation;
  const Tensor whole = pad(x, {{0, rounds * dilation - steps}, {}, {}});
  const Tensor y = rnn(reshape(whole, {rounds, dilation * batch, x.size(2)}), {.mode = mode}).y;
  return rows(reshape(y, {rounds * dilation, batch, y.size(2)}), 0, steps);
}

}  // namespace

DilatedStack::DilatedStack(const RecurrentOptions& layer, const std::vector<int64_t>& dilations, Random& random)
    : dilations_(dilations) {
  RecurrentOptions options = layer;
  options.layers = 1;
  for (size_t k = 0; k < dilations_.size(); ++k) {
    layers_.emplace_back(options, random);
    options.input = layers_.back().output_features();
    register_module(std::to_string(k), layers_.back());
  }
}

Tensor DilatedStack::operator()(const Tensor& x, Mode mode) const {
  Tensor y = run_dilated(layers_[0], x, dilations_[0], mode);
  for (size_t k = 1; k < layers_.size(); ++k) y = y + run_dilated(layers_[k], y, dilations_[k], mode);
  return y;
}

}  // namespace recur
