#include "recur/nn/layers/conv_lstm.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "recur/base/error.h"
#include "recur/nn/init.h"
#include "recur/nn/layers/conv_lstm_loop.h"
#include "recur/ops/conv.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

class ConvLstm : public SequenceLayer {
 public:
  ConvLstm(const ConvLstmOptions& options, const LayerSpec& spec)
      : options_(options), features_(spec.input), hidden_(spec.hidden), reverse_(spec.reverse) {
    const auto& [height, width, kernel] = options;
    if (height < 1 || width < 1 || kernel < 1 || kernel % 2 == 0) {
      fail("conv_lstm: expected images of at least 1 x 1 and an odd kernel, got {} x {} and {}", height, width, kernel);
    }
    if (features_ % pixels() != 0) {
      fail("conv_lstm: expected a multiple of {} x {} features, got {}", height, width, features_);
    }
    weight_ih_ = start({kConvLstmGates * hidden_, features_ / pixels(), kernel, kernel}, spec.random);
    weight_hh_ = start({kConvLstmGates * hidden_, hidden_, kernel, kernel}, spec.random);
    Tensor bias = Tensor::zeros({kConvLstmGates * hidden_});
    std::fill_n(bias.data<float>() + hidden_, hidden_, static_cast<float>(spec.options.forget_bias));
    bias_ = bias;
    register_parameter("weight_ih", weight_ih_);
    register_parameter("weight_hh", weight_hh_);
    register_parameter("bias", bias_);
  }

  std::string kind() const override { return "conv_lstm"; }
  bool reverse() const override { return reverse_; }
  DType dtype() const override { return weight_ih_->dtype(); }
  int64_t input_features() const override { return features_; }
  int64_t output_features() const override { return hidden_ * pixels(); }
  Tensors zero_states(int64_t batch, DType dtype) const override {
    const Shape shape{batch, hidden_, options_.height, options_.width};
    return {Tensor::zeros(shape, dtype), Tensor::zeros(shape, dtype)};
  }

  LayerOutput run(const LayerInput& input, const Tensors& states, const LayerCall& call) const override {
    const Packing& packing = call.packing;
    if (packing.steps() == 0) return {Tensor::zeros({0, output_features()}, dtype()), states};
    // What the image gives to the gates, of all steps at once.
    const Tensor images = reshape(input.x, {packing.packed_rows(), -1, options_.height, options_.width});
    const int64_t around = (options_.kernel - 1) / 2;
    const Tensor projected = conv2d(images, weight_ih_, bias_, {.padding = {around, around}});
    const Tensors out = conv_lstm_loop(projected, weight_hh_, states, packing, reverse_);
    return {out[0], {out[1], out[2]}};
  }

 private:
  int64_t pixels() const { return options_.height * options_.width; }

  static Tensor start(const Shape& shape, Random& random) {
    Tensor weight = Tensor::empty(shape);
    init::xavier_uniform(weight, random);
    return weight;
  }

  ConvLstmOptions options_;
  int64_t features_, hidden_;
  bool reverse_;
  Parameter weight_ih_, weight_hh_, bias_;
};

}  // namespace

LayerKind conv_lstm_kind(const ConvLstmOptions& options) {
  return {.name = "conv_lstm",
          .description = "LSTM whose products are convolutions of images",
          .reverses = true,
          .make = [options](const LayerSpec& spec) { return std::make_shared<const ConvLstm>(options, spec); }};
}

}  // namespace recur
