#include "recur/tasks/denoise/denoise_training.h"

#include <algorithm>
#include <vector>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/losses.h"

namespace recur {
namespace {

using Pieces = std::vector<Loaded<NoisyPiece>>;

// [N, C, H, W] of pieces of one size; `values` gives those of a piece.
template <class Values>
Tensor tensor_of(const Pieces& pieces, DType dtype, const Values& values) {
  const PlaneShape& shape = pieces[0]->wanted.shape;
  Tensor out = Tensor::empty({std::ssize(pieces), shape.channels, shape.height, shape.width});
  float* to = out.data<float>();
  for (const Loaded<NoisyPiece>& piece : pieces) to = std::ranges::copy(values(*piece), to).out;
  return cast(out, dtype);
}

// What counts of the network's answer and of the truth, the rest being 0 in both.
struct Compared {
  Tensor cleaned, right;
  double terms = 0;
};

Compared compared(const Pieces& pieces, const Tensor& cleaned, const Tensor& right) {
  if (pieces[0]->weights.empty()) return {cleaned, right, static_cast<double>(right.numel())};
  double terms = 0;
  for (const Loaded<NoisyPiece>& piece : pieces) {
    terms += static_cast<double>(std::ranges::count(piece->weights, 1.0f));
  }
  const Tensor weights = tensor_of(
      pieces, right.dtype(), [](const NoisyPiece& p) -> auto& { return p.weights; });
  return {cleaned * weights, right * weights, terms};
}

}  // namespace

TrainingStep denoise_step(const DenoiseNetwork& network, const ShuffledBatches<NoisyPiece>::Batch& batch, Mode mode,
                          bool absolute, GradientTrace* trace) {
  const DType dtype = network.parameters().front().dtype();
  const Tensor noisy = tensor_of(
      batch.examples, dtype, [](const NoisyPiece& p) -> auto& { return p.noisy.values; });
  const Tensor right = tensor_of(
      batch.examples, dtype, [](const NoisyPiece& p) -> auto& { return p.wanted.values; });
  const Compared of = compared(batch.examples, network(noisy, mode, trace), right);
  const double to_terms = static_cast<double>(right.numel()) / std::max(of.terms, 1.0);
  const Tensor error = mse(of.cleaned, of.right) * to_terms;
  return {.objective = absolute ? mae(of.cleaned, of.right) * to_terms : error,
          .weight = batch.counted > 0 ? of.terms : 0,
          .loss = error.item(),
          .examples = batch.counted,
          .ends_epoch = batch.ends_pass};
}

}  // namespace recur
