#include "recur/tasks/denoise/denoise_layers.h"

#include <utility>
#include <vector>

namespace recur {

Recurrent layers_of(RecurrentOptions options, int64_t steps, Random& random) {
  if (options.cell != kBatchNormLstm) return Recurrent(std::move(options), random);
  std::vector<LayerKind> kinds(layer_kinds().begin(), layer_kinds().end());
  kinds.push_back(batch_norm_lstm_kind({.steps = steps}));
  return Recurrent(std::move(options), random, kinds);
}

double least_layers(const DenoiseModelOptions& options, int64_t steps) {
  RecurrentOptions rnn = options.rnn;
  if (rnn.cell != kBatchNormLstm) return least_parameters(rnn);
  rnn.cell = "lstm";                  // whose parameters it has, too
  constexpr double kStatistics = 18;  // mean and variance of the gates twice and of c, each step and unit
  const auto units = static_cast<double>(rnn.widths.empty() ? rnn.hidden : rnn.widths.front());
  return least_parameters(rnn) + kStatistics * static_cast<double>(steps) * units;
}

}  // namespace recur
