#include "recur/tasks/denoise/denoise_training.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/losses.h"
#include "recur/tasks/denoise/noise.h"

namespace recur {
namespace {

using Squares = std::vector<Loaded<NoisySquare>>;

// [N, C, H, W] of squares of one size; `values` gives those of a square.
template <class Values>
Tensor tensor_of(const Squares& squares, DType dtype, const Values& values) {
  const PlaneShape& shape = squares[0]->wanted.shape;
  Tensor out = Tensor::empty({std::ssize(squares), shape.channels, shape.height, shape.width});
  float* to = out.data<float>();
  for (const Loaded<NoisySquare>& square : squares) to = std::ranges::copy(values(*square), to).out;
  return cast(out, dtype);
}

// What counts of the network's answer and of the truth, the rest being 0 in both.
struct Compared {
  Tensor cleaned, right;
  double terms = 0;
};

Compared compared(const Squares& squares, const Tensor& cleaned, const Tensor& right) {
  if (squares[0]->weights.empty()) return {cleaned, right, static_cast<double>(right.numel())};
  double terms = 0;
  for (const Loaded<NoisySquare>& square : squares) {
    terms += static_cast<double>(std::ranges::count(square->weights, 1.0f));
  }
  const Tensor weights = tensor_of(squares, right.dtype(), [](const NoisySquare& s) -> auto& { return s.weights; });
  return {cleaned * weights, right * weights, terms};
}

// Some of the pictures of a source.
PlaneSource some_of(const PlaneSource& all, const std::vector<int64_t>& which) {
  if (which.empty()) return all;
  return {.size = std::ssize(which),
          .load = [all, which](int64_t i) { return all.load(which[static_cast<size_t>(i)]); },
          .name = [all, which](int64_t i) { return all.name(which[static_cast<size_t>(i)]); }};
}

}  // namespace

DenoiseTraining::DenoiseTraining(DenoiseTrained trained, DenoiseParts parts, ShuffledBatches<NoisySquare> batches)
    : BatchTraining(std::move(trained), std::move(batches)), parts_(std::move(parts)) {
  keep_checksum(parts_.checksum);
}

TrainingStep DenoiseTraining::step(bool trace_gradients) {
  const auto chosen = batches_.next();
  const DType dtype = trained_.module().parameters().front().dtype();
  const Tensor noisy = tensor_of(chosen.examples, dtype, [](const NoisySquare& s) -> auto& { return s.noisy.values; });
  const Tensor right = tensor_of(chosen.examples, dtype, [](const NoisySquare& s) -> auto& { return s.wanted.values; });
  const Compared of = compared(chosen.examples, trained_.network()(noisy, mode(), new_trace(trace_gradients)), right);
  const double to_terms = static_cast<double>(right.numel()) / std::max(of.terms, 1.0);
  const Tensor error = mse(of.cleaned, of.right) * to_terms;
  const bool absolute = trained_.options().learning.objective == "mae";
  return {.objective = absolute ? mae(of.cleaned, of.right) * to_terms : error,
          .weight = chosen.counted > 0 ? of.terms : 0,
          .loss = error.item(),
          .examples = chosen.counted,
          .ends_epoch = chosen.ends_pass};
}

Criterion DenoiseTraining::criterion() const {
  const std::string metric = select_of(trained_.options());
  return {.metric = metric, .higher_is_better = metric != "loss"};
}

Evaluation DenoiseTraining::validate() {
  const Denoiser denoiser = trained_.denoiser();
  const PlaneSource right = some_of(source_of(*parts_.valid, denoiser.reading), parts_.held_out);
  const auto seed = static_cast<uint64_t>(trained_.options().use.noise_seed);
  if (learns_from_noisy(trained_.options())) return measure_blind(denoiser, right, seed, nullptr, /*baselines=*/false);
  return measure(denoiser, with_noise(right, trained_.options().noise, seed), right, nullptr, /*baselines=*/false);
}

}  // namespace recur
