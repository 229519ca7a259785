#include "recur/nn/stream.h"

#include <algorithm>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/kernels/kernels.h"
#include "recur/nn/fused_layer.h"
#include "recur/nn/packed_weight.h"
#include "recur/ops/binary.h"

namespace recur {
namespace {

using kernels::RecurrentForward;
using kernels::RecurrentKernels;

// A layer as the fused loop takes it.
struct FusedStep {
  const RecurrentKernels<float>* kernels;
  int64_t input, hidden;  // F, H
  Tensor weight_ih;       // [G H, F]
  Tensor packed_hh;
  Tensor bias_x, bias_r;  // [G H] or undefined
  Tensor unit_weights;    // or undefined

  int64_t gates() const { return kernels->gates * hidden; }
  int64_t state_size() const { return kernels->states * hidden; }
};

const float* data_or_null(const Tensor& t) { return t.defined() ? t.data<float>() : nullptr; }

FusedStep make_fused_step(const Cell& cell, const LayerParameters& p) {
  const bool one_bias = !cell.f32.split && p.bias_ih.defined();
  return {.kernels = &cell.f32,
          .input = p.weight_ih.size(1),
          .hidden = p.weight_hh.size(1),
          .weight_ih = p.weight_ih,
          .packed_hh = pack_forward(cell.f32, {p.weight_hh, {}}),
          .bias_x = one_bias ? Tensor() : p.bias_ih,
          .bias_r = one_bias ? p.bias_ih + p.bias_hh : p.bias_hh,
          .unit_weights = p.unit_weights};
}

// h and inner states [.. H each] in `state` are replaced by those after the step. scratch: [G H], then [2, H].
void run(const FusedStep& layer, const float* x, float* state, float* scratch) {
  static constexpr int64_t kRows[] = {1}, kOffset[] = {0};
  kernels::table<float>().gemm({.trans_b = true,
                                .m = 1,
                                .n = layer.gates(),
                                .k = layer.input,
                                .a = x,
                                .lda = layer.input,
                                .b = layer.weight_ih.data<float>(),
                                .ldb = layer.input,
                                .c = scratch,
                                .ldc = layer.gates()});
  RecurrentForward<float> args;
  args.packed = {.steps = 1, .batch = 1, .rows = kRows, .offset = kOffset};
  args.hidden = layer.hidden;
  args.x = scratch;
  args.weights = layer.packed_hh.data<float>();
  args.bias_x = data_or_null(layer.bias_x);
  args.bias_r = data_or_null(layer.bias_r);
  args.unit_weights = data_or_null(layer.unit_weights);
  args.initial_h = state;
  args.y = state;
  for (int k = 1; k < layer.kernels->states; ++k) args.inner[k] = state + k * layer.hidden;
  layer.kernels->forward(args, 0, 1);
}

// Calls f(tensor, its elements' place in the flat state) for each part of `state`, in order.
template <class State, class F>
void for_each_part(State& state, F&& f) {
  int64_t offset = 0;
  for (auto& layer : state.layers)
    for (auto& part : layer) {
      f(part, offset);
      offset += part.numel();
    }
}

}  // namespace

struct Stream::Model {
  Recurrent network;                  // a copy of our own
  std::vector<FusedStep> fused = {};  // one a layer; empty: step by `network`
  RecurrentState zero = {};
  int64_t state_size = 0;
  int64_t scratch_size = 0;
};

Stream Recurrent::stream() const {
  if (options_.bidirectional)
    fail("stream: a bidirectional network needs the whole sequence and cannot go step by step");
  const DType dtype = layers_[0].parameters.weight_ih.dtype();
  if (dtype != DType::kF32) fail("stream: expected a network in f32, got {}", name_of(dtype));
  const autograd::NoGrad no_grad;
  RecurrentOptions options = options_;
  options.init = "uniform";  // the cheapest: the values are overwritten
  Random random(0);
  Recurrent copy(options, random);
  copy.load_state(Module::state());
  copy.evaluate();
  auto model = std::make_shared<Stream::Model>(Stream::Model{.network = copy, .zero = copy.zero_state(1)});
  for_each_part(model->zero, [&](const Tensor& part, int64_t) { model->state_size += part.numel(); });
  const Tensor x = Tensor::zeros({1, options_.input});
  const Packing one_step(1, 1, {});
  const bool fusable = std::ranges::all_of(copy.layers_, [&](const Layer& layer) {
    return can_fuse(x, layer.parameters, copy.layer_options(layer, one_step, x, {}));
  });
  if (!fusable) return Stream(std::move(model));
  for (const Layer& layer : copy.layers_) {
    model->fused.push_back(make_fused_step(*layer.cell, layer.parameters));
    const FusedStep& step = model->fused.back();
    model->scratch_size = std::max(model->scratch_size, step.gates() + 2 * step.hidden);
  }
  return Stream(std::move(model));
}

Stream::Stream(std::shared_ptr<const Model> model)
    : model_(std::move(model)),
      state_(static_cast<size_t>(model_->state_size)),
      scratch_(static_cast<size_t>(model_->scratch_size)) {}

int64_t Stream::input_features() const { return model_->network.options().input; }
int64_t Stream::output_features() const { return model_->network.output_features(); }

void Stream::step(std::span<const float> x, std::span<float> out) {
  if (std::ssize(x) != input_features()) fail("stream: x: expected {} features, got {}", input_features(), x.size());
  if (std::ssize(out) != output_features())
    fail("stream: out: expected room for {} features, got {}", output_features(), out.size());
  if (model_->fused.empty())
    composed_step(x, out);
  else
    fused_step(x, out);
}

void Stream::fused_step(std::span<const float> x, std::span<float> out) {
  const float* input = x.data();
  float* state = state_.data();
  for (const FusedStep& layer : model_->fused) {
    run(layer, input, state, scratch_.data());
    input = state;
    state += layer.state_size();
  }
  std::copy_n(input, out.size(), out.data());
}

void Stream::composed_step(std::span<const float> x, std::span<float> out) {
  const autograd::NoGrad no_grad;
  const RecurrentOutput output = model_->network(Tensor::from(x, {1, 1, input_features()}), {.state = state()});
  set_state(output.state);
  std::ranges::copy(output.y.values<float>(), out.begin());
}

RecurrentState Stream::state() const {
  RecurrentState result = model_->zero;
  for_each_part(result, [&](Tensor& part, int64_t offset) {
    part = Tensor::from(std::span(state_).subspan(static_cast<size_t>(offset), static_cast<size_t>(part.numel())),
                        part.shape());
  });
  return result;
}

void Stream::set_state(const RecurrentState& state) {
  model_->network.check_state(state, 1, DType::kF32);
  for_each_part(state, [&](const Tensor& part, int64_t offset) {
    std::ranges::copy(part.values<float>(), state_.begin() + offset);
  });
}

void Stream::reset() { std::ranges::fill(state_, 0.0f); }

}  // namespace recur
