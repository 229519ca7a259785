#include "recur/nn/fused_layer.h"

#include "recur/base/threads.h"
#include "recur/nn/fake_int8.h"
#include "recur/nn/packed_weight.h"
#include "recur/ops/binary.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/matmul.h"
#include "recur/ops/precision.h"
#include "recur/ops/sum.h"
#include "recur/tensor/data_or_null.h"

namespace recur {
namespace {

using autograd::VjpArgs;
using kernels::RecurrentBackward;
using kernels::RecurrentForward;

// The order of a layer's tensors as inputs of the op.
struct FusedInput {
  enum Index { kX, kWeightIh, kWeightHh, kBiasIh, kBiasHh, kUnitWeights, kStates };
};

Tensors inputs_of(const Tensor& x, const Tensors& states, const LayerParameters& p) {
  Tensors inputs = {x, p.weight_ih, p.weight_hh, p.bias_ih, p.bias_hh, p.unit_weights};
  inputs.insert(inputs.end(), states.begin(), states.end());
  return inputs;
}

LayerParameters parameters_of(const Tensors& inputs) {
  LayerParameters p;
  p.weight_ih = inputs[FusedInput::kWeightIh];
  p.weight_hh = inputs[FusedInput::kWeightHh];
  p.bias_ih = inputs[FusedInput::kBiasIh];
  p.bias_hh = inputs[FusedInput::kBiasHh];
  p.unit_weights = inputs[FusedInput::kUnitWeights];
  return p;
}

// The rows of the batch that each thread takes through all time steps: rows do not depend on each other, so threads
// meet once a layer and not once a step. Unit weights are summed over rows: there one thread takes all of them.
int64_t rows_per_thread(int64_t batch, bool sums_over_rows) {
  const int64_t parts = sums_over_rows ? 1 : std::clamp<int64_t>(batch / 4, 1, threads());
  return (batch + parts - 1) / parts;
}

// What forward leaves for backward.
struct FusedTape {
  Tensor saved;
  Tensors history;  // y, then inner states after each step; [N, H]
};

// Whether the loop also projects the input: that spares writing and reading [N, G H], but reads the input's weights
// once a step. Worth it where they stay in the L2 cache, or all there is to do is one step.
bool projects_input(const Packing& packing, int64_t gates, int64_t features) {
  constexpr int64_t kFewRows = 8, kCached = int64_t{2} << 20;
  const int64_t bytes = gates * features * static_cast<int64_t>(sizeof(float));
  return packing.steps() == 1 || (packing.batch() >= kFewRows && bytes <= kCached);
}

// T: precision of the layer; E: of the products' operands and of what is kept for backward.
template <class T, class E>
class FusedLayer {
 public:
  FusedLayer(const Tensors& inputs, const Packing& packing, const LayerOptions& options)
      : in_(inputs), packing_(packing), options_(options), kernels_(options.cell->fused<T, E>()) {
    H_ = in_[FusedInput::kWeightHh].size(1);
    N_ = packing.packed_rows();
    B_ = packing.batch();
  }

  // y and the states after; fills `tape` unless it is null.
  Tensors forward(FusedTape* tape) const {
    const autograd::NoGrad no_grad;
    const int64_t F = in_[FusedInput::kX].size(1);
    const bool inside = !given_projected() && projects_input(packing_, kernels_.gates * H_, F + H_);
    const bool outside = !given_projected() && !inside;
    const Tensor x =
        outside ? matmul(in_[FusedInput::kX], in_[FusedInput::kWeightIh], {.trans_b = true}) : in_[FusedInput::kX];
    Tensor y = Tensor::empty({N_, H_}, kDTypeOf<T>);
    const LoopWeights weights{in_[FusedInput::kWeightHh], inside ? in_[FusedInput::kWeightIh] : Tensor()};
    const Tensor packed =
        options_.packed != nullptr ? options_.packed->forward(kernels_, weights) : pack_forward(kernels_, weights);
    const auto [bias_x, bias_r] = biases();
    RecurrentForward<T, E> args;
    args.packed = packing_.view(options_.reverse);
    args.hidden = H_;
    args.input = inside ? F : 0;
    args.x = data_or_null<T>(x);
    args.weights = data_or_null<E>(packed);
    args.bias_x = data_or_null<T>(bias_x);
    args.bias_r = data_or_null<T>(bias_r);
    args.unit_weights = data_or_null<T>(in_[FusedInput::kUnitWeights]);
    args.initial_h = data_or_null<T>(in_[FusedInput::kStates]);
    args.y = y.template data<T>();
    Tensors outputs{y, Tensor()};
    for (int k = 1; k < kernels_.states; ++k) {
      outputs.push_back(in_[FusedInput::kStates + k].clone());
      args.inner[k] = outputs.back().template data<T>();
    }
    if (tape != nullptr) keep(*tape, args, y, outside ? x : Tensor());
    parallel_for(B_, rows_per_thread(B_, false),
                 [&](int64_t begin, int64_t end) { kernels_.forward(args, begin, end); });
    outputs[1] = packing_.last_states(y, in_[FusedInput::kStates], options_.reverse);
    return outputs;
  }

  Tensors backward(const VjpArgs& v, const FusedTape& tape) const {
    Tensor dx = Tensor::empty({N_, kernels_.gates * H_}, kDTypeOf<T>);
    Tensor dr = kernels_.split ? Tensor::empty(dx.shape(), kDTypeOf<T>) : dx;
    Tensor dunits = in_[FusedInput::kUnitWeights].defined()
                        ? Tensor::zeros(in_[FusedInput::kUnitWeights].shape(), kDTypeOf<T>)
                        : Tensor();
    const Tensors dstates = run_backward(v, tape, dx, dr, dunits);
    Tensors result(in_.size());
    if (v.needs(FusedInput::kX))
      result[FusedInput::kX] = given_projected() ? dx : matmul(dx, in_[FusedInput::kWeightIh]);
    if (v.needs(FusedInput::kWeightIh))
      result[FusedInput::kWeightIh] = matmul(dx, in_[FusedInput::kX], {.trans_a = true});
    if (v.needs(FusedInput::kWeightHh)) {
      const Tensor before = packing_.previous_states(tape.history[0], in_[FusedInput::kStates], options_.reverse);
      result[FusedInput::kWeightHh] = matmul(dr, before, {.trans_a = true});
    }
    if (v.needs(FusedInput::kBiasIh)) result[FusedInput::kBiasIh] = sum(dx, 0);
    if (v.needs(FusedInput::kBiasHh))
      result[FusedInput::kBiasHh] =
          kernels_.split || !result[FusedInput::kBiasIh].defined() ? sum(dr, 0) : result[FusedInput::kBiasIh];
    result[FusedInput::kUnitWeights] = dunits;
    for (int k = 0; k < kernels_.states; ++k)
      if (k > 0 || v.needs(FusedInput::kStates)) result[FusedInput::kStates + k] = dstates[k];
    return result;
  }

 private:
  // Whether x is the projected input.
  bool given_projected() const { return !in_[FusedInput::kWeightIh].defined(); }

  // What to add to the projected input and to the recurrent product. Where the cell only sees their sum, one does; for
  // one step a tensor of it would cost more than it spares.
  std::pair<Tensor, Tensor> biases() const {
    const Tensor &ih = in_[FusedInput::kBiasIh], &hh = in_[FusedInput::kBiasHh];
    if (kernels_.split || !ih.defined() || !hh.defined() || packing_.steps() == 1) return {ih, hh};
    return {Tensor(), ih + hh};
  }

  // The projected input, where it was made here and is of the right kind, gives its place to what is saved.
  void keep(FusedTape& tape, RecurrentForward<T, E>& args, const Tensor& y, const Tensor& projected) const {
    tape.history = {y.detach()};
    for (int k = 1; k < kernels_.states; ++k) {
      tape.history.push_back(Tensor::empty({N_, H_}, kDTypeOf<T>));
      args.inner_history[k] = tape.history.back().template data<T>();
    }
    const bool in_place = std::is_same_v<T, E> && kernels_.saved == kernels_.gates && projected.defined();
    tape.saved = in_place ? projected : Tensor::empty({N_, kernels_.saved * H_}, kDTypeOf<E>);
    args.saved = tape.saved.template data<E>();
  }

  // Gradients of the states before the first step; not that of h where nobody needs it.
  Tensors run_backward(const VjpArgs& v, const FusedTape& tape, Tensor& dx, Tensor& dr, Tensor& dunits) const {
    const bool wants_initial_h = v.needs(FusedInput::kStates);
    const Tensor packed =
        packing_.steps() > 1 || wants_initial_h ? pack_backward(kernels_, in_[FusedInput::kWeightHh]) : Tensor();
    const Tensor dy = v.grad(0);
    Tensors dstates;
    RecurrentBackward<T, E> args;
    args.wants_initial_h = wants_initial_h;
    args.packed = packing_.view(options_.reverse);
    args.hidden = H_;
    args.weights = data_or_null<E>(packed);
    args.unit_weights = data_or_null<T>(in_[FusedInput::kUnitWeights]);
    args.saved = data_or_null<E>(tape.saved);
    args.dy = data_or_null<T>(dy);
    args.dx = dx.template data<T>();
    args.dr = dr.template data<T>();
    args.dunit_weights = dunits.defined() ? dunits.template data<T>() : nullptr;
    for (int k = 0; k < kernels_.states; ++k) {
      dstates.push_back(v.has_grad(1 + k) ? v.grad(1 + k).clone() : Tensor::zeros({B_, H_}, kDTypeOf<T>));
      args.dstate[k] = dstates.back().template data<T>();
      args.initial[k] = data_or_null<T>(in_[FusedInput::kStates + k]);
      args.history[k] = data_or_null<T>(tape.history[k]);
    }
    parallel_for(B_, rows_per_thread(B_, dunits.defined()),
                 [&](int64_t begin, int64_t end) { kernels_.backward(args, begin, end); });
    return dstates;
  }

  const Tensors& in_;
  const Packing& packing_;
  const LayerOptions& options_;
  const kernels::RecurrentKernels<T, E>& kernels_;
  int64_t H_, N_, B_;
};

Tensors composed_fused(const Tensors& inputs, const Packing& packing, const LayerOptions& options) {
  const Tensors states(inputs.begin() + FusedInput::kStates, inputs.end());
  return join(run_composed_layer(inputs[FusedInput::kX], states, parameters_of(inputs), packing, options));
}

template <class T, class E>
Tensors fused(const Tensors& inputs, const Packing& packing, const LayerOptions& options) {
  const bool recorded = autograd::recording() && autograd::any_requires_grad(inputs);
  if (!recorded) return FusedLayer<T, E>(inputs, packing, options).forward(nullptr);
  FusedTape tape;
  Tensors outputs = FusedLayer<T, E>(inputs, packing, options).forward(&tape);
  struct Call {
    Packing packing;
    LayerOptions options;
    FusedTape tape;
  };
  const auto call = std::make_shared<const Call>(Call{packing, options, std::move(tape)});
  return record_with_twin(
      "recurrent_layer", inputs, std::move(outputs),
      [call](const Tensors& in, const VjpArgs& v) {
        return FusedLayer<T, E>(in, call->packing, call->options).backward(v, call->tape);
      },
      [call](const Tensors& in) { return composed_fused(in, call->packing, call->options); });
}

}  // namespace

bool can_fuse(const Tensor& x, const LayerParameters& p, const LayerOptions& o) {
  const bool plain = !p.projection.defined() && !p.norm_ih.defined() && !o.recurrent_mask.defined() &&
                     !o.decay.defined() && !o.zoneout.defined() && !o.zoneout_inner.defined() && o.trace == nullptr &&
                     !Int8Training::is_on();
  if (x.dtype() == DType::kF32) return plain && o.cell->f32.forward != nullptr;
  return plain && x.dtype() == DType::kF64 && o.cell->f64.forward != nullptr;
}

LayerOutput run_fused_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters,
                            const Packing& packing, const LayerOptions& options) {
  const Tensors inputs = inputs_of(x, states, parameters);
  const Tensors outputs = x.dtype() == DType::kF64                  ? fused<double, double>(inputs, packing, options)
                          : product_precision() == Precision::kBf16 ? fused<float, bf16>(inputs, packing, options)
                                                                    : fused<float, float>(inputs, packing, options);
  return split_output(outputs);
}

}  // namespace recur
