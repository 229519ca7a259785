#include "recur/tasks/recognize/recognize_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "recur/base/error.h"
#include "recur/nn/dropout.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/log_mean_exp.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/tasks/recognize/skeleton.h"

namespace recur {
namespace {

RecurrentOptions layers_of(const RecognizeModelOptions& options, int64_t input) {
  RecurrentOptions rnn = options.rnn;
  rnn.input = input;
  rnn.dropout = options.dropout;
  return rnn;
}

// Those of a part: one layer of the last kind.
RecurrentOptions layers_of_part(const RecognizeModelOptions& options) {
  RecurrentOptions rnn = options.rnn;
  if (!rnn.cells.empty()) rnn.cell = rnn.cells.front();
  rnn.cells.clear();
  rnn.widths.clear();
  rnn.hidden = options.part_hidden;
  rnn.layers = 1;
  rnn.dropout = 0;
  return rnn;
}

constexpr int64_t kReduction = 16;  // of the squeeze-and-excite, as Karim, Majumdar, Darabi and Harford (2019)

double least_in(const std::vector<int64_t>& widths, const std::vector<int64_t>& kernels, double in) {
  double least = 0;
  for (size_t i = 0; i < widths.size() && !kernels.empty(); ++i) {
    const auto out = static_cast<double>(widths[i]);
    least += in * out * static_cast<double>(kernels[std::min(i, kernels.size() - 1)]);
    in = out;
  }
  return least;
}

}  // namespace

void check_size(const RecognizeModelOptions& options, const RecognizeSizes& sizes, int64_t elements) {
  const bool pictures = sizes.height > 0;
  double least = least_parameters(options.rnn);
  const auto in =
      static_cast<double>(pictures && !options.frame_widths.empty() ? options.frame_widths.back() : sizes.features);
  if (pictures) {
    const std::vector<int64_t> nine{9};
    least += least_in(options.frame_widths, nine, static_cast<double>(sizes.frame_channels));
    for (const int64_t width : options.frame_widths) {
      least +=
          18.0 * static_cast<double>(options.frame_blocks) * static_cast<double>(width) * static_cast<double>(width);
    }
  }
  if (options.has_parts()) least += static_cast<double>(options.part_hidden) * static_cast<double>(options.part_hidden);
  least += least_in(options.conv, options.kernels, options.has_parts() ? 0 : in);
  if (options.has_filters()) least += least_in(options.filters, options.filter_kernels, in);
  least *= static_cast<double>(options.members);
  check_least_parameters(least, elements);
}

RecognizeNetwork::RecognizeNetwork(const RecognizeModelOptions& options, const RecognizeSizes& sizes, Random& random)
    : options_(options), sizes_(sizes) {
  int64_t in = sizes.features;
  if (sizes.height > 0) {
    frames_.emplace(FrameEncoderOptions{.height = sizes.height,
                                        .width = sizes.width,
                                        .channels = sizes.frame_channels,
                                        .widths = options.frame_widths,
                                        .blocks = options.frame_blocks},
                    random);
    register_module("frames", *frames_);
    in = frames_->output_features();
  }
  if (options.has_parts()) {
    if (sizes.joints == 0 || sizes.joint_features == 0) {
      fail_usage("network = parts: expected skeletons with positions or velocity as features");
    }
    parts_.emplace(PartOptions{.parts = body_parts(options.parts, sizes.joints),
                               .joint_features = sizes.joint_features,
                               .rnn = layers_of_part(options)},
                   random);
    register_module("parts", *parts_);
  }
  const int64_t joined = parts_ ? parts_->output_features() : in;
  conv_.emplace(ConvStackOptions{.in = joined, .widths = options.conv, .kernels = options.kernels}, random);
  register_module("conv", *conv_);
  rnn_.emplace(layers_of(options, conv_->output_features()), random);
  register_module("rnn", *rnn_);
  int64_t features = rnn_->output_features();
  if (!sizes.each_frame) {
    pooling_.emplace(
        PoolingOptions{.kind = options.pooling, .features = features, .bidirectional = options.rnn.bidirectional},
        random);
    register_module("pooling", *pooling_);
    features = pooling_->output_features();
  }
  if (options.has_filters()) {
    fcn_.emplace(ConvStackOptions{.in = in,
                                  .widths = options.filters,
                                  .kernels = options.filter_kernels,
                                  .squeeze = sizes.each_frame ? 0 : kReduction},
                 random);
    register_module("fcn", *fcn_);
    features += fcn_->output_features();
  }
  decoder_.emplace(LinearOptions{.in = features, .out = sizes.classes}, random);
  register_module("decoder", *decoder_);
}

Tensor RecognizeNetwork::drop(const Tensor& x, Mode mode) const {
  return drop_features(x, options_.dropout, options_.rnn.locked_dropout, mode);
}

// Every picture by itself, without those of the padding, which norms must not see: [T, B, F] -> [T, B, E].
Tensor RecognizeNetwork::read_frames(const Tensor& x, const std::vector<int64_t>& lengths, Mode mode) const {
  const int64_t steps = x.size(0), batch = x.size(1), features = frames_->output_features();
  const Tensor flat = reshape(x, {steps * batch, x.size(2)});
  std::vector<int32_t> there, place(static_cast<size_t>(steps * batch));
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t b = 0; b < batch; ++b) {
      const bool is_there = lengths.empty() || t < lengths[static_cast<size_t>(b)];
      place[static_cast<size_t>(t * batch + b)] = is_there ? static_cast<int32_t>(there.size()) : -1;
      if (is_there) there.push_back(static_cast<int32_t>(t * batch + b));
    }
  }
  const auto count = static_cast<int32_t>(there.size());
  if (count == 0) return Tensor::zeros({steps, batch, features}, x.dtype());
  if (count == static_cast<int32_t>(place.size())) return reshape((*frames_)(flat, mode), {steps, batch, features});
  const Tensor read = (*frames_)(index_select(flat, Tensor::from(there, {count})), mode);
  // The padding takes a row of zeros behind those that there are.
  std::ranges::replace(place, -1, count);
  const Tensor rows = concat({read, Tensor::zeros({1, features}, x.dtype())}, 0);
  return reshape(index_select(rows, Tensor::from(place, {steps * batch})), {steps, batch, features});
}

// What the recurrent layers read.
Tensor RecognizeNetwork::front(const Tensor& x, const Call& call) const {
  Tensor joined = parts_ ? drop((*parts_)(x, call.lengths, call.mode), call.mode) : x;
  if (options_.conv.empty()) return joined;
  return drop((*conv_)(joined, call.lengths, call.mode).y, call.mode);
}

// [B, features]; of each frame [T, B, features].
Tensor RecognizeNetwork::read_recurrently(const Tensor& x, const Call& call) const {
  const RunOptions run{.lengths = call.lengths, .mode = call.mode, .trace = call.trace};
  if (sizes_.each_frame) return (*rnn_)(x, run).y;
  return pooling_->is_last() ? rnn_->last(x, run) : (*pooling_)((*rnn_)(x, run).y, call.lengths);
}

Tensor RecognizeNetwork::operator()(const ClipBatch& batch, Mode mode, GradientTrace* trace) const {
  const Call call{batch.lengths, mode, trace};
  Tensor x = cast(batch.x, decoder_->weight->dtype());
  if (frames_) x = drop(read_frames(x, batch.lengths, mode), mode);
  Tensors read{read_recurrently(front(x, call), call)};
  if (fcn_) {
    const ConvStack::Output features = (*fcn_)(x, batch.lengths, mode);
    read.push_back(sizes_.each_frame ? features.y : pool_mean(features.y, features.lengths));
  }
  return (*decoder_)(drop(read.size() == 1 ? read[0] : concat(read, sizes_.each_frame ? 2 : 1), mode));
}

RecurrentReading RecognizeNetwork::recurrent(const Tensor& x) const {
  const std::vector<int64_t> all;
  const Call call{all, Mode::evaluation()};
  const Tensor read = frames_ ? read_frames(x, all, Mode::evaluation()) : x;
  return {.name = "rnn", .network = *rnn_, .x = front(read, call)};
}

Tensor RecognizeNetwork::attention(const Tensor& x) const {
  if (!pooling_ || pooling_->attention() == nullptr) return {};
  const RecurrentReading reading = recurrent(x);
  const Tensor y = reading.network(reading.x, {.mode = Mode::evaluation()}).y;
  return reshape(pooling_->attention()->weights(y, {}), {y.size(0)});
}

// --- Step by step ---

std::vector<std::string> RecognizeNetwork::no_stream() const {
  std::vector<std::string> why;
  if (options_.rnn.bidirectional) why.emplace_back("its layers are bidirectional (train with bidirectional=false)");
  if (fcn_ || !options_.conv.empty()) {
    why.emplace_back("its convolutions along time look ahead (network=rnn and no conv)");
  }
  if (pooling_ && (options_.pooling == "attention" || options_.pooling == "concat")) {
    why.push_back("pooling=" + options_.pooling + " needs whole clips (pooling=last, mean or max)");
  }
  return why;
}

RecognizeNetwork::Stepper::Stepper(const RecognizeNetwork& network)
    : network_(&network),
      rnn_(network.rnn_->stream()),
      y_(static_cast<size_t>(network.rnn_->output_features())),
      pooled_(y_.size(), 0.0f),
      out_(static_cast<size_t>(network.sizes_.classes)) {
  if (network.parts_) parts_.emplace(*network.parts_);
}

std::span<const float> RecognizeNetwork::Stepper::step(std::span<const float> x) {
  std::span<const float> read = x;
  if (network_->frames_) {
    const std::vector<float> picture(x.begin(), x.end());
    const Tensor y = (*network_->frames_)(Tensor::from(picture, {1, std::ssize(picture)}), Mode::evaluation());
    const auto values = y.values<float>();
    read_.assign(values.begin(), values.end());
    read = read_;
  } else if (parts_) {
    parts_->step(x, read_);
    read = read_;
  }
  rnn_.step(read, y_);
  ++steps_;
  const std::string& pooling = network_->options_.pooling;
  const bool whole = network_->pooling_.has_value();
  for (size_t i = 0; i < y_.size(); ++i) {
    if (whole && pooling == "mean") {
      pooled_[i] += (y_[i] - pooled_[i]) / static_cast<float>(steps_);
    } else if (whole && pooling == "max") {
      pooled_[i] = steps_ == 1 ? y_[i] : std::max(pooled_[i], y_[i]);
    } else {
      pooled_[i] = y_[i];
    }
  }
  const float* weight = network_->decoder_->weight->data<float>();
  const float* bias = network_->decoder_->bias->data<float>();
  for (float& out : out_) {
    out = std::inner_product(pooled_.begin(), pooled_.end(), weight, *bias++);
    weight += pooled_.size();
  }
  return out_;
}

// --- Several ---

RecognizeModel::RecognizeModel(const RecognizeModelOptions& options, const RecognizeSizes& sizes, Random& random) {
  for (int64_t k = 0; k < options.members; ++k) members_.emplace_back(options, sizes, random);
  if (members_.size() == 1) {
    Module::operator=(members_.front());
  } else {
    for (size_t k = 0; k < members_.size(); ++k) register_module(fmt::format("{}", k), members_[k]);
  }
}

Tensors RecognizeModel::outputs(const ClipBatch& batch, Mode mode, GradientTrace* trace) const {
  Tensors outputs;
  for (size_t k = 0; k < members_.size(); ++k) {
    outputs.push_back(members_[k](batch, mode, k == 0 ? trace : nullptr));
  }
  return outputs;
}

Tensor RecognizeModel::answer(const ClipBatch& batch) const {
  Tensors answers;
  for (const RecognizeNetwork& member : members_) {
    answers.push_back(log_softmax(cast(member(batch, Mode::evaluation()), DType::kF32)));
  }
  return log_mean_exp(answers);
}

}  // namespace recur
