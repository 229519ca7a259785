#include "recur/tasks/classify/kernel_path.h"

#include <algorithm>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/spread.h"
#include "recur/base/stop.h"
#include "recur/data/bucket_batcher.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/matmul.h"
#include "recur/ops/transpose.h"
#include "recur/tasks/classify/classify_examples.h"
#include "recur/tasks/classify/ridge.h"
#include "recur/tasks/random_streams.h"

namespace recur {
namespace {

constexpr size_t kMostLearntFrom = 1500;
constexpr int64_t kThresholdsFrom = 64;  // series, unless their steps are too many to hold at once
constexpr int64_t kThresholdSteps = 1 << 16;
constexpr int64_t kMostBatch = 64, kMostSteps = 4096;  // of series whose features are made at once: cached

// [N, width] of what `make` gives of batches [B, width].
template <class Make>
std::vector<float> of_all(const Dataset<EncodedSequence>& sequences, int64_t width, Make make) {
  const autograd::NoGrad no_grad;
  std::vector<float> all(static_cast<size_t>(sequences.size() * width));
  for (const auto& which : batches_by_length(lengths_of(sequences), {.batch = kMostBatch, .most_steps = kMostSteps})) {
    check_stop();
    const Tensor out = cast(make(make_batch(load_examples(sequences, which))), DType::kF32);
    const float* from = std::as_const(out).data<float>();
    for (const int32_t i : which) {
      std::copy_n(from, width, all.begin() + i * width);
      from += width;
    }
  }
  return all;
}

}  // namespace

KernelPath::KernelPath(const RandomKernelsOptions& options, int64_t classes)
    : kernels_(options), weight_(Tensor::zeros({classes, kernels_.features()})), bias_(Tensor::zeros({classes})) {
  register_module("kernels", kernels_);
  register_buffer("weight", weight_);
  register_buffer("bias", bias_);
  register_buffer("mix", mix_.factors());
}

Tensor KernelPath::operator()(const Tensor& x, const std::vector<int64_t>& lengths) const {
  const Tensor weight = permute(cast(weight_, x.dtype()), {1, 0});
  return matmul(kernels_(x, lengths), weight) + cast(bias_, x.dtype());
}

std::vector<float> KernelPath::scores(const Dataset<EncodedSequence>& sequences) const {
  return of_all(sequences, classes(),
                [&](const SequenceBatch& batch) { return (*this)(cast(batch.x, weight_.dtype()), batch.lengths); });
}

KernelPath::Fit KernelPath::fit(const DatasetPtr<EncodedSequence>& sequences, std::span<const float> classes_of,
                                std::span<const float> weights, uint64_t seed) {
  Random random(seed, kKernelStream);
  std::vector<int64_t> counted;
  for (int64_t i = 0; i < sequences->size(); ++i) {
    if (weights.empty() || weights[static_cast<size_t>(i)] > 0) counted.push_back(i);
  }
  std::vector<int64_t> learnt = spread(counted, kMostLearntFrom);
  int64_t longest = 1;
  for (const int64_t i : learnt) longest = std::max(longest, sequences->length(i));
  const std::vector<int64_t> few =
      spread(learnt, static_cast<size_t>(std::clamp<int64_t>(kThresholdSteps / longest, 1, kThresholdsFrom)));
  const SequenceBatch sample = make_batch(load_examples(*sequences, std::vector<int32_t>(few.begin(), few.end())));
  kernels_.fit(sample.x, sample.lengths, random);
  std::vector<int32_t> labels;
  std::vector<float> weight_of;
  for (const int64_t i : learnt) {
    labels.push_back(static_cast<int32_t>(classes_of[static_cast<size_t>(i)]));
    if (!weights.empty()) weight_of.push_back(weights[static_cast<size_t>(i)]);
  }
  const std::vector<float> features =
      of_all(*subset(sequences, learnt), kernels_.features(),
             [&](const SequenceBatch& batch) { return kernels_(batch.x, batch.lengths); });
  RidgeFit fit = fit_ridge(features, labels, classes(), weight_of);
  std::ranges::copy(fit.weight, weight_.data<float>());
  std::ranges::copy(fit.bias, bias_.data<float>());
  return {.learnt = std::move(learnt), .left_out = std::move(fit.left_out)};
}

std::vector<float> KernelPath::unseen_scores(const Dataset<EncodedSequence>& sequences, const Fit& fit) const {
  std::vector<float> result = scores(sequences);
  for (size_t k = 0; k < fit.learnt.size(); ++k) {
    std::copy_n(fit.left_out.begin() + static_cast<int64_t>(k) * classes(), classes(),
                result.begin() + fit.learnt[k] * classes());
  }
  return result;
}

}  // namespace recur
