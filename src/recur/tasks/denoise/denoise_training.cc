#include "recur/tasks/denoise/denoise_training.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "recur/ops/cast.h"
#include "recur/ops/losses.h"
#include "recur/tasks/denoise/noise.h"

namespace recur {
namespace {

// [N, C, H, W] of squares of one size.
Tensor tensor_of(const std::vector<Loaded<NoisySquare>>& squares, Planes NoisySquare::*which) {
  const PlaneShape& shape = ((*squares[0]).*which).shape;
  Tensor out = Tensor::empty({std::ssize(squares), shape.channels, shape.height, shape.width});
  float* to = out.data<float>();
  for (const Loaded<NoisySquare>& square : squares) to = std::ranges::copy(((*square).*which).values, to).out;
  return out;
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
  const Tensor noisy = cast(tensor_of(chosen.examples, &NoisySquare::noisy), dtype);
  const Tensor right = cast(tensor_of(chosen.examples, &NoisySquare::clean), dtype);
  const Tensor cleaned = trained_.network()(noisy, mode(), new_trace(trace_gradients));
  const Tensor error = mse(cleaned, right);
  const bool absolute = trained_.options().learning.objective == "mae";
  return {.objective = absolute ? mae(cleaned, right) : error,
          .weight = chosen.counted > 0 ? static_cast<double>(right.numel()) : 0,
          .loss = error.item(),
          .examples = chosen.counted,
          .ends_epoch = chosen.ends_pass};
}

Criterion DenoiseTraining::criterion() const {
  const std::string& metric = trained_.options().learning.select;
  return {.metric = metric, .higher_is_better = metric != "loss"};
}

Evaluation DenoiseTraining::validate() {
  const Denoiser denoiser = trained_.denoiser();
  const PlaneSource right = some_of(source_of(*parts_.valid, denoiser.reading), parts_.held_out);
  const auto seed = static_cast<uint64_t>(trained_.options().use.noise_seed);
  return measure(denoiser, with_noise(right, trained_.options().noise, seed), right, nullptr, /*baselines=*/false);
}

}  // namespace recur
