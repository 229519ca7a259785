#include "recur/tasks/adapt/adapt_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "recur/base/error.h"
#include "recur/nn/init.h"
#include "recur/ops/batch_norm.h"
#include "recur/ops/binary.h"
#include "recur/ops/conv.h"
#include "recur/ops/pool.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

constexpr double kNormEpsilon = 1e-5;

int64_t kernel_of(const AdaptModelOptions& options, const AdaptShape& shape) {
  const int64_t kernel = options.kernel.value_or(shape.picture ? 3 : 7);
  if (kernel % 2 == 0) fail_usage("kernel: expected an odd number, got {}", kernel);
  return kernel;
}

// [N, C, P] -> its mean over examples and places [1, C, 1].
Tensor mean_of_channels(const Tensor& x) { return mean(mean(x, 2, true), 0, true); }

}  // namespace

AdaptBatch batch_of(std::span<const AdaptExample> examples, const AdaptShape& shape, DType dtype) {
  AdaptBatch batch;
  int64_t longest = 1;
  for (const AdaptExample& each : examples) {
    batch.lengths.push_back(each.steps);
    longest = std::max(longest, each.steps);
  }
  const int64_t count = std::ssize(examples), features = shape.text ? 1 : shape.features;
  if (shape.text) {
    batch.x = Tensor::zeros({longest, count}, DType::kI32);
  } else {
    batch.x = Tensor::zeros({longest, count, features});
  }
  const auto put = [&](auto* to, auto part) {
    for (int64_t b = 0; b < count; ++b) {
      const auto* from = (examples[static_cast<size_t>(b)].*part).data();
      for (int64_t t = 0; t < examples[static_cast<size_t>(b)].steps; ++t) {
        std::copy_n(from + t * features, features, to + (t * count + b) * features);
      }
    }
  };
  if (shape.text) {
    put(batch.x.data<int32_t>(), &AdaptExample::symbols);
  } else {
    put(batch.x.data<float>(), &AdaptExample::values);
    if (dtype != DType::kF32) batch.x = batch.x.clone(dtype);
  }
  return batch;
}

AdaptConv::AdaptConv(const Options& options, Random& random) {
  Tensor start = Tensor::empty({options.out, options.in, options.height, options.width});
  init::kaiming_normal(start, random);
  weight = start;
  scale = Tensor::ones({options.out});
  shift = Tensor::zeros({options.out});
  register_parameter("weight", weight);
  register_parameter("scale", scale);
  register_parameter("shift", shift);
}

Tensor AdaptConv::normalised(const Tensor& x, const AdaptNorms& norms, size_t layer) const {
  const int64_t count = x.size(0), channels = x.size(1), places = x.size(2) * x.size(3);
  const int64_t rows_used = norms.rows == 0 ? count : norms.rows;
  if (norms.given == nullptr && norms.kept == nullptr && rows_used == count && count * places > 1) {
    return batch_norm_training(x, scale, shift, kNormEpsilon).y;
  }
  const Tensor flat = reshape(x, {count, channels, places});
  const auto as_column = [&](const Tensor& t) { return reshape(t, {1, channels, 1}); };
  Tensor middle, spread;
  if (norms.given != nullptr) {
    middle = as_column((*norms.given)[2 * layer]);
    spread = as_column((*norms.given)[2 * layer + 1]);
  } else {
    const Tensor own = rows(flat, 0, rows_used);
    middle = mean_of_channels(own);
    spread = mean_of_channels(square(own - middle));
  }
  if (norms.kept != nullptr) {
    norms.kept->push_back(reshape(middle.detach(), {channels}));
    norms.kept->push_back(reshape(spread.detach(), {channels}));
  }
  const Tensor factor = as_column(scale) / sqrt(spread + kNormEpsilon);
  return reshape((flat - middle) * factor + as_column(shift), x.shape());
}

Tensor AdaptConv::operator()(const Tensor& x, const AdaptNorms& norms, size_t layer) const {
  const int64_t around_y = (weight->size(2) - 1) / 2, around_x = (weight->size(3) - 1) / 2;
  const Tensor y = relu(normalised(conv2d(x, weight, {}, {.padding = {around_y, around_x}}), norms, layer));
  const std::array<int64_t, 2> window{y.size(2) > 1 ? 2 : 1, y.size(3) > 1 ? 2 : 1};
  return window[0] * window[1] == 1 ? y : max_pool2d(y, {.kernel = window});
}

AdaptBody::AdaptBody(const AdaptModelOptions& options, const AdaptShape& shape, Random& random)
    : options_(options), shape_(shape) {
  const std::string& network = options.network;
  if (network == "rnn") {
    int64_t input = shape.features;
    if (shape.text) {
      embedding_.emplace(EmbeddingOptions{.vocabulary = shape.features, .features = options.embedding}, random);
      register_module("embedding", *embedding_);
      input = options.embedding;
    }
    RecurrentOptions rnn = options.rnn;
    rnn.input = input;
    rnn_.emplace(rnn, random);
    register_module("rnn", *rnn_);
    pooling_.emplace(
        PoolingOptions{
            .kind = options.pooling, .features = rnn_->output_features(), .bidirectional = rnn.bidirectional},
        random);
    features_ = pooling_->output_features();
    return;
  }
  if (network == "conv") {
    const int64_t kernel = kernel_of(options, shape);
    int64_t in = shape.picture ? shape.channels : shape.features;
    for (const int64_t out : options.filters) {
      convolutions_.emplace_back(
          AdaptConv::Options{.in = in, .out = out, .height = shape.picture ? kernel : 1, .width = kernel}, random);
      register_module(fmt::format("{}", convolutions_.size() - 1), convolutions_.back());
      in = out;
    }
    if (convolutions_.empty()) fail_usage("filters: expected at least one layer with network = conv, got none");
    features_ = in;
    return;
  }
  features_ = shape.steps * shape.features;
  if (network == "none") return;
  for (const int64_t width : options.mlp) {
    layers_.emplace_back(LinearOptions{.in = features_, .out = width}, random);
    register_module(fmt::format("{}", layers_.size() - 1), layers_.back());
    features_ = width;
  }
}

std::vector<int64_t> AdaptBody::norm_sizes() const {
  std::vector<int64_t> sizes;
  for (const AdaptConv& each : convolutions_) sizes.push_back(each.scale->numel());
  return sizes;
}

Tensor AdaptBody::convolved(const Tensor& x, const AdaptNorms& norms) const {
  const int64_t steps = x.size(0), count = x.size(1);
  Tensor y;
  if (shape_.picture) {
    const int64_t width = shape_.features / shape_.channels;
    y = permute(reshape(x, {steps, count, shape_.channels, width}), {1, 2, 0, 3});
  } else {
    y = reshape(permute(x, {1, 2, 0}), {count, shape_.features, 1, steps});
  }
  for (size_t l = 0; l < convolutions_.size(); ++l) y = convolutions_[l](y, norms, l);
  return mean(reshape(y, {count, features_, -1}), 2);
}

Tensor AdaptBody::recurrent(const AdaptBatch& batch, Mode mode) const {
  const Tensor x = embedding_ ? (*embedding_)(batch.x) : batch.x;
  const RunOptions run{.lengths = batch.lengths, .mode = mode};
  if (pooling_->is_last()) return rnn_->last(x, run);
  return (*pooling_)((*rnn_)(x, run).y, batch.lengths);
}

Tensor AdaptBody::operator()(const AdaptBatch& batch, const AdaptNorms& norms, Mode mode) const {
  if (rnn_) return recurrent(batch, mode);
  if (normalises()) return convolved(batch.x, norms);
  const int64_t count = batch.size();
  const Tensor by_example = batch.x.size(0) == 1 ? batch.x : transpose(batch.x, 0, 1);
  Tensor x = reshape(by_example, {count, batch.x.size(0) * batch.x.size(2)});
  for (const Linear& layer : layers_) x = relu(layer(x));
  return x;
}

void check_size(const AdaptOptions& options, const AdaptShape& shape, int64_t elements) {
  const AdaptModelOptions& model = options.model;
  const auto inputs = static_cast<double>(shape.features);
  double least = 0, in = inputs;
  if (model.network == "rnn") {
    least = least_parameters(model.rnn) + (shape.text ? inputs * static_cast<double>(model.embedding) : 0);
  } else if (model.network == "conv") {
    in = shape.picture ? static_cast<double>(shape.channels) : inputs;
    for (const int64_t out : model.filters) {
      least += in * static_cast<double>(out) * static_cast<double>(kernel_of(model, shape));
      in = static_cast<double>(out);
    }
  } else {
    in = inputs * static_cast<double>(shape.steps);
    for (const int64_t out : model.network == "mlp" ? model.mlp : std::vector<int64_t>{}) {
      least += (in + 1) * static_cast<double>(out);
      in = static_cast<double>(out);
    }
  }
  if (options.learning.learner == "reader") least += least_parameters(model.rnn);
  if (options.learning.learner != "prototypes") least += static_cast<double>(shape.outputs);
  check_least_parameters(least, elements);
}

}  // namespace recur
