#include "recur/nn/staged_layer.h"

#include <cmath>

#include "recur/base/threads.h"
#include "recur/kernels/staged.h"
#include "recur/nn/fake_int8.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/matmul.h"
#include "recur/ops/precision.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/tensor/data_or_null.h"

namespace recur {
namespace {

using autograd::VjpArgs;
using kernels::kRowsPerShare;
using kernels::StagedGradients;
using kernels::StagedLayer;
using kernels::StagedOperand;
using kernels::StagedWeights;

// The order of a layer's tensors as inputs of the op. The input's product is made outside, by ordinary ops.
struct StagedInput {
  enum Index {
    kProjected,
    kWeightHh,
    kBiasX,
    kBiasR,
    kUnitWeights,
    kProjection,
    kNormProduct,
    kNormInner,
    kDecay,
    kStates,
  };
};

// What forward leaves for backward: see StagedLayer.
struct StagedTape {
  Tensors history, raw;
  Tensor saved, product, inner, decayed, entered, late;
  Tensor product_statistics, inner_statistics;  // [2, 2 N], [2, N] means and scales
  bool rounds = Int8Training::is_on();          // when forward ran
};

// T: precision of the layer; E: of the operands of the products in the loop.
template <class T, class E>
class StagedRun {
 public:
  StagedRun(const Tensors& inputs, const Packing& packing, const LayerOptions& options)
      : in_(inputs),
        packing_(packing),
        options_(options),
        cell_(options.cell->fused<T, E>()),
        kernels_(kernels::staged_kernels<T, E>()),
        H_(in_[StagedInput::kWeightHh].size(0) / cell_.gates),
        W_(in_[StagedInput::kWeightHh].size(1)),
        N_(packing.packed_rows()),
        B_(packing.batch()),
        late_(cell_.passes.late_gates * H_) {}

  // y and the states after; fills `tape`, which keeps what backward alone needs where `recorded`.
  Tensors forward(StagedTape& tape, bool recorded) const {
    const autograd::NoGrad no_grad;
    allocate(tape, recorded);
    const Weights packed = pack(StagedOperand::kForward);
    const StagedLayer<T> layer = view(tape);
    parallel_for(B_, rows_per_thread(1),
                 [&](int64_t begin, int64_t end) { kernels_.forward(layer, packed.view(), begin, end); });
    Tensors outputs{tape.history[0]};
    tape.history[0] = outputs[0].detach();
    for (int k = 0; k < cell_.states; ++k)
      outputs.push_back(packing_.last_states(tape.history[k], in_[StagedInput::kStates + k], options_.reverse));
    return outputs;
  }

  Tensors backward(const VjpArgs& v, StagedTape& tape) const {
    Gradients g(*this, v);
    const Weights packed = pack(StagedOperand::kBackward);
    const StagedLayer<T> layer = view(tape);
    const StagedGradients<T> arrays = g.view();
    parallel_for(B_, rows_per_thread(g.sums_over_rows() ? kRowsPerShare : 1),
                 [&](int64_t begin, int64_t end) { kernels_.backward(layer, packed.view(), arrays, begin, end); });
    if (options_.trace != nullptr) write_trace(g.squared_norms);
    return results(v, tape, g);
  }

 private:
  struct Weights {
    Tensor recurrent, late, projection;

    StagedWeights<E> view() const {
      return {data_or_null<E>(recurrent), data_or_null<E>(late), data_or_null<E>(projection)};
    }
  };

  // What backward writes: see kernels::StagedGradients.
  struct Gradients {
    Gradients(const StagedRun& run, const VjpArgs& v) : dy(v.grad(0)) {
      const Tensors& in = run.in_;
      const int64_t width = run.cell_.gates * run.H_, shares = (run.B_ + kRowsPerShare - 1) / kRowsPerShare;
      const auto per_share = [&](const Tensor& t) {
        return t.defined() ? Tensor::zeros({shares, t.size(0), t.size(1)}, kDTypeOf<T>) : Tensor();
      };
      for (int k = 0; k < run.cell_.states; ++k)
        dstates.push_back(v.has_grad(1 + k) ? v.grad(1 + k).clone()
                                            : Tensor::zeros(in[StagedInput::kStates + k].shape(), kDTypeOf<T>));
      dx = Tensor::empty({run.N_, width}, kDTypeOf<T>);
      dr = run.cell_.split ? Tensor::empty(dx.shape(), kDTypeOf<T>) : dx;
      dproduct = in[StagedInput::kNormProduct].defined() ? Tensor::empty(dx.shape(), kDTypeOf<T>) : dr;
      if (in[StagedInput::kDecay].defined()) ddecay = Tensor::empty({run.N_, run.W_}, kDTypeOf<T>);
      if (in[StagedInput::kProjection].defined()) dprojected = Tensor::empty({run.N_, run.W_}, kDTypeOf<T>);
      dunit_weights = per_share(in[StagedInput::kUnitWeights]);
      dnorm_product = per_share(in[StagedInput::kNormProduct]);
      dnorm_inner = per_share(in[StagedInput::kNormInner]);
      if (run.options_.trace != nullptr) squared_norms.resize(static_cast<size_t>(run.N_));
    }

    bool sums_over_rows() const { return dunit_weights.defined() || dnorm_product.defined() || dnorm_inner.defined(); }

    StagedGradients<T> view() {
      StagedGradients<T> g{.dy = data_or_null<T>(std::as_const(dy)),
                           .dx = data_or_null<T>(dx),
                           .dr = data_or_null<T>(dr),
                           .dproduct = data_or_null<T>(dproduct),
                           .dprojected = data_or_null<T>(dprojected),
                           .ddecay = data_or_null<T>(ddecay),
                           .dunit_weights = data_or_null<T>(dunit_weights),
                           .dnorm_product = data_or_null<T>(dnorm_product),
                           .dnorm_inner = data_or_null<T>(dnorm_inner),
                           .squared_norms = squared_norms.empty() ? nullptr : squared_norms.data()};
      for (size_t k = 0; k < dstates.size(); ++k) g.dstate[k] = data_or_null<T>(dstates[k]);
      return g;
    }

    Tensor dy, dx, dr, dproduct, dprojected, ddecay, dunit_weights, dnorm_product, dnorm_inner;
    Tensors dstates;
    std::vector<double> squared_norms;
  };

  // The rows of the batch that each thread takes through all time steps, a multiple of `unit`.
  int64_t rows_per_thread(int64_t unit) const {
    const int64_t parts = std::clamp<int64_t>(B_ / 4, 1, threads()), rows = (B_ + parts - 1) / parts;
    return (rows + unit - 1) / unit * unit;
  }

  Tensor pack_one(StagedOperand operand, const Tensor& weight) const {
    const bool forward = operand == StagedOperand::kForward;
    const int64_t depth = weight.size(forward ? 1 : 0), columns = weight.size(forward ? 0 : 1);
    Tensor packed = Tensor::empty({kernels_.packed_size(depth, columns)}, kDTypeOf<E>);
    kernels_.pack(operand, data_or_null<T>(weight), depth, columns, packed.template data<E>());
    return packed;
  }
  Weights pack(StagedOperand operand) const {
    const autograd::NoGrad no_grad;
    const int64_t early = cell_.gates * H_ - late_;
    Weights w{
        .recurrent = pack_one(operand, rows(in_[StagedInput::kWeightHh], 0, early)), .late = {}, .projection = {}};
    if (late_ > 0) w.late = pack_one(operand, rows(in_[StagedInput::kWeightHh], early, early + late_));
    if (in_[StagedInput::kProjection].defined()) w.projection = pack_one(operand, in_[StagedInput::kProjection]);
    return w;
  }

  const Tensor& zoneout(int state) const { return state == 0 ? options_.zoneout : options_.zoneout_inner; }

  void allocate(StagedTape& tape, bool recorded) const {
    const auto array = [&](int64_t width) { return Tensor::empty({N_, width}, kDTypeOf<T>); };
    for (int k = 0; k < cell_.states; ++k) {
      tape.history.push_back(array(k == 0 ? W_ : H_));
      const bool changed = zoneout(k).defined() || (k == 0 && in_[StagedInput::kProjection].defined());
      tape.raw.push_back(changed ? array(H_) : tape.history[k].detach());
    }
    tape.saved = array(cell_.saved * H_);
    if (in_[StagedInput::kDecay].defined()) tape.decayed = array(W_);
    if (options_.recurrent_mask.defined() || tape.rounds) tape.entered = array(W_);
    if (late_ > 0) tape.late = array(H_);
    if (in_[StagedInput::kNormProduct].defined()) {
      if (recorded) tape.product = array(cell_.gates * H_);
      tape.product_statistics = Tensor::empty({2, 2 * N_}, kDTypeOf<T>);
    }
    if (in_[StagedInput::kNormInner].defined()) {
      tape.inner = array(H_);
      tape.inner_statistics = Tensor::empty({2, N_}, kDTypeOf<T>);
    }
  }

  static kernels::RowNorm<T> norm_of(const Tensor& parameters, Tensor& statistics) {
    if (!parameters.defined()) return {};
    T* means = statistics.data<T>();
    return {.scale_and_shift = data_or_null<T>(parameters), .means = means, .scales = means + statistics.size(1)};
  }
  static kernels::Zoneout<T> zoneout_of(const Tensor& share) {
    if (!share.defined()) return {};
    if (share.rank() > 0) return {.on = true, .mask = data_or_null<T>(share)};
    return {.on = true, .share = static_cast<T>(share.item())};
  }

  StagedLayer<T> view(StagedTape& tape) const {
    StagedLayer<T> layer{.packed = packing_.view(options_.reverse),
                         .packed_rows = N_,
                         .passes = &cell_.passes,
                         .gates = cell_.gates,
                         .states = cell_.states,
                         .saved_values = cell_.saved,
                         .unit_weight_rows = cell_.unit_weights,
                         .hidden = H_,
                         .width = W_,
                         .x = data_or_null<T>(in_[StagedInput::kProjected]),
                         .bias_x = data_or_null<T>(in_[StagedInput::kBiasX]),
                         .bias_r = data_or_null<T>(in_[StagedInput::kBiasR]),
                         .unit_weights = data_or_null<T>(in_[StagedInput::kUnitWeights]),
                         .recurrent_mask = data_or_null<T>(options_.recurrent_mask),
                         .decay = data_or_null<T>(in_[StagedInput::kDecay]),
                         .rounds = tape.rounds,
                         .projected = in_[StagedInput::kProjection].defined(),
                         .norm_product = norm_of(in_[StagedInput::kNormProduct], tape.product_statistics),
                         .norm_inner = norm_of(in_[StagedInput::kNormInner], tape.inner_statistics),
                         .zoneout = zoneout_of(options_.zoneout),
                         .zoneout_inner = zoneout_of(options_.zoneout_inner),
                         .saved = data_or_null<T>(tape.saved),
                         .product = data_or_null<T>(tape.product),
                         .inner = data_or_null<T>(tape.inner),
                         .decayed = data_or_null<T>(tape.decayed),
                         .entered = data_or_null<T>(tape.entered),
                         .late = data_or_null<T>(tape.late)};
    for (int k = 0; k < cell_.states; ++k) {
      layer.initial[k] = data_or_null<T>(in_[StagedInput::kStates + k]);
      layer.history[k] = data_or_null<T>(tape.history[k]);
      layer.raw[k] = data_or_null<T>(tape.raw[k]);
    }
    return layer;
  }

  Tensors results(const VjpArgs& v, const StagedTape& tape, const Gradients& g) const {
    Tensors result(in_.size());
    result[StagedInput::kProjected] = g.dx;
    if (v.needs(StagedInput::kWeightHh)) result[StagedInput::kWeightHh] = weight_gradient(tape, g.dproduct);
    if (v.needs(StagedInput::kBiasX)) result[StagedInput::kBiasX] = sum(g.dx, 0);
    if (v.needs(StagedInput::kBiasR)) result[StagedInput::kBiasR] = sum(g.dproduct, 0);
    if (v.needs(StagedInput::kProjection))
      result[StagedInput::kProjection] = matmul(g.dprojected, tape.raw[0], {.trans_a = true});
    if (g.dunit_weights.defined()) result[StagedInput::kUnitWeights] = sum(g.dunit_weights, 0);
    if (g.dnorm_product.defined()) result[StagedInput::kNormProduct] = sum(g.dnorm_product, 0);
    if (g.dnorm_inner.defined()) result[StagedInput::kNormInner] = sum(g.dnorm_inner, 0);
    result[StagedInput::kDecay] = g.ddecay;
    std::copy(g.dstates.begin(), g.dstates.end(), result.begin() + StagedInput::kStates);
    return result;
  }

  Tensor weight_gradient(const StagedTape& tape, const Tensor& dproduct) const {
    const Tensor h = tape.entered.defined() ? tape.entered
                     : tape.decayed.defined()
                         ? tape.decayed
                         : packing_.previous_states(tape.history[0], in_[StagedInput::kStates], options_.reverse);
    if (late_ == 0) return matmul(dproduct, h, {.trans_a = true});
    const int64_t early = dproduct.size(1) - late_;
    const auto columns = [&](int64_t first, int64_t count) {
      return slice(dproduct, {.axis = 1, .begin = first}, count);
    };
    return concat(
        {matmul(columns(0, early), h, {.trans_a = true}), matmul(columns(early, late_), tape.late, {.trans_a = true})},
        0);
  }

  void write_trace(const std::vector<double>& squared_norms) const {
    for (int64_t t = 0; t < packing_.steps(); ++t) {
      double total = 0;
      for (int64_t row = 0; row < packing_.rows(t); ++row)
        total += squared_norms[static_cast<size_t>(packing_.offset(t) + row)];
      (*options_.trace)[static_cast<size_t>(t)] = std::sqrt(total);
    }
  }

  const Tensors& in_;
  const Packing& packing_;
  const LayerOptions& options_;
  const kernels::RecurrentKernels<T, E>& cell_;
  const kernels::StagedKernels<T, E>& kernels_;
  int64_t H_, W_, N_, B_;
  int64_t late_;  // columns of the product that late gates take
};

Tensors composed_staged(const Tensors& in, const Packing& packing, LayerOptions options) {
  options.decay = in[StagedInput::kDecay];
  LayerParameters p;
  p.weight_hh = in[StagedInput::kWeightHh];
  p.bias_hh = in[StagedInput::kBiasR];
  p.unit_weights = in[StagedInput::kUnitWeights];
  p.projection = in[StagedInput::kProjection];
  p.norm_hh = in[StagedInput::kNormProduct];
  p.norm_inner = in[StagedInput::kNormInner];
  const Tensor projected = in[StagedInput::kBiasX].defined() ? in[StagedInput::kProjected] + in[StagedInput::kBiasX]
                                                             : in[StagedInput::kProjected];
  return join(run_composed_steps(projected, Tensors(in.begin() + StagedInput::kStates, in.end()), p, packing, options));
}

template <class T, class E>
Tensors staged(const Tensors& inputs, const Packing& packing, const LayerOptions& options) {
  const bool recorded = autograd::recording() && autograd::any_requires_grad(inputs);
  struct Call {
    Packing packing;
    LayerOptions options;
    StagedTape tape;
  };
  const auto call = std::make_shared<Call>(Call{packing, options, {}});
  Tensors outputs = StagedRun<T, E>(inputs, packing, options).forward(call->tape, recorded);
  if (options.trace != nullptr) options.trace->assign(static_cast<size_t>(packing.steps()), 0);
  if (!recorded) return outputs;
  return record_with_twin(
      "staged_layer", inputs, std::move(outputs),
      [call](const Tensors& in, const VjpArgs& v) {
        return StagedRun<T, E>(in, call->packing, call->options).backward(v, call->tape);
      },
      [call](const Tensors& in) {
        const Int8Training scope(call->tape.rounds);
        return composed_staged(in, call->packing, call->options);
      });
}

// The op's inputs. Where the cell only sees the sum of both biases, one array holds it.
Tensors inputs_of(const Tensor& x, const Tensors& states, const LayerParameters& p, const LayerOptions& options) {
  LayerParameters of_input = p;
  Tensor bias_x, bias_r = p.bias_hh;
  if (!p.norm_ih.defined()) {
    of_input.bias_ih = {};
    const bool one = p.bias_ih.defined() && p.bias_hh.defined() && !options.cell->f32.split && !p.norm_hh.defined();
    if (one)
      bias_r = p.bias_ih + p.bias_hh;
    else
      bias_x = p.bias_ih;
  }
  Tensors inputs{project_input(x, of_input),
                 p.weight_hh,
                 bias_x,
                 bias_r,
                 p.unit_weights,
                 p.projection,
                 p.norm_hh,
                 p.norm_inner,
                 options.decay};
  inputs.insert(inputs.end(), states.begin(), states.end());
  return inputs;
}

}  // namespace

bool can_stage(const Tensor& x) { return x.dtype() == DType::kF32 || x.dtype() == DType::kF64; }

LayerOutput run_staged_layer(const Tensor& x, const Tensors& states, const LayerParameters& parameters,
                             const Packing& packing, const LayerOptions& options) {
  const Tensors inputs = inputs_of(x, states, parameters, options);
  const Tensors outputs = x.dtype() == DType::kF64                  ? staged<double, double>(inputs, packing, options)
                          : product_precision() == Precision::kBf16 ? staged<float, bf16>(inputs, packing, options)
                                                                    : staged<float, float>(inputs, packing, options);
  return split_output(outputs);
}

}  // namespace recur
