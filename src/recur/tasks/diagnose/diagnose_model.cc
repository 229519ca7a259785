#include "recur/tasks/diagnose/diagnose_model.h"

#include <cmath>

#include "recur/base/error.h"
#include "recur/nn/dropout.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

int64_t input_features(const GapOptions& gaps, const DiagnoseSizes& sizes) {
  return sizes.channels * (1 + (gaps.masks ? 1 : 0) + (gaps.elapsed ? 1 : 0)) + sizes.statics;
}

RecurrentOptions layers(const DiagnoseModelOptions& options, int64_t input) {
  RecurrentOptions rnn = options.rnn;
  rnn.input = input;
  rnn.dropout = options.dropout;
  return rnn;
}

}  // namespace

void check_size(const DiagnoseModelOptions& options, const DiagnoseSizes& sizes, int64_t elements) {
  const auto width = static_cast<double>(sizes.labels + sizes.channels);
  check_least_parameters(least_parameters(options.rnn) + width, elements);
}

Fading::Fading(int64_t channels, int64_t out, Random& random)
    : alone_(out == 0), weight_(Tensor::empty(alone_ ? Shape{channels} : Shape{out, channels})) {
  bias_ = Tensor::zeros({alone_ ? channels : out});
  // Above 0, where max has a slope; all together about 1 at the usual times.
  init::uniform(weight_, 0, alone_ ? 1.0 : 1.0 / static_cast<double>(channels), random);
  register_parameter("weight", weight_);
  register_parameter("bias", bias_);
}

Tensor Fading::operator()(const Tensor& elapsed) const {
  const Tensor rate = alone_ ? elapsed * weight_ + bias_ : linear(elapsed, weight_, bias_);
  return exp(-relu(rate));
}

DiagnoseModel::DiagnoseModel(const DiagnoseModelOptions& options, const GapOptions& gaps, const DiagnoseSizes& sizes,
                             Random& random)
    : options_(options),
      gaps_(gaps),
      rnn_(layers(options, input_features(gaps, sizes)), random),
      decoder_({.in = rnn_.output_features(), .out = sizes.labels}, random) {
  if (options.decay) {
    fade_inputs_.emplace(sizes.channels, 0, random);
    register_module("fade_inputs", *fade_inputs_);
    for (const auto& layer : rnn_.layers()) {
      auto& fade = fade_states_.emplace_back();
      if (layer->decay_features() == 0) continue;  // a kind whose state does not fade by itself
      fade.emplace(sizes.channels, layer->decay_features(), random);
      register_module(fmt::format("fade_state_l{}", fade_states_.size() - 1), *fade);
    }
  }
  register_module("rnn", rnn_);
  register_module("decoder", decoder_);
}

Tensor DiagnoseModel::inputs(const RecordBatch& batch) const {
  const DType dtype = decoder_.weight->dtype();
  const Tensor masks = cast(batch.masks, dtype), elapsed = cast(batch.elapsed, dtype);
  Tensor values = cast(batch.values, dtype);
  if (fade_inputs_) values = values * (masks + (1.0 - masks) * (*fade_inputs_)(elapsed));
  Tensors parts{values};
  if (gaps_.masks) parts.push_back(masks);
  if (gaps_.elapsed) parts.push_back(elapsed);
  if (const int64_t statics = batch.statics.size(-1); statics > 0) {
    const Tensor every_step = Tensor::zeros({values.size(0), values.size(1), statics}, dtype);
    parts.push_back(every_step + cast(batch.statics, dtype));
  }
  return concat(parts, 2);
}

Tensors DiagnoseModel::decay(const RecordBatch& batch, DType dtype) const {
  Tensors out;
  for (const auto& fade : fade_states_) out.push_back(fade ? (*fade)(cast(batch.elapsed, dtype)) : Tensor());
  return out;
}

RecurrentReading DiagnoseModel::reading(const RecordBatch& batch) const {
  const Tensor x = inputs(batch);
  return {.name = "rnn", .network = rnn_, .x = x, .decay = decay(batch, x.dtype())};
}

Tensor DiagnoseModel::operator()(const RecordBatch& batch, Mode mode, GradientTrace* trace) const {
  const Tensor x = drop_features(inputs(batch), options_.input_dropout, true, mode);
  const RunOptions run{.lengths = batch.lengths, .decay = decay(batch, x.dtype()), .mode = mode, .trace = trace};
  const Tensor y = rnn_(x, run).y;
  return decoder_(drop_features(y, options_.dropout, false, mode));
}

}  // namespace recur
