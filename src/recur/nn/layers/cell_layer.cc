#include "recur/nn/layers/cell_layer.h"

#include <algorithm>
#include <cmath>

#include "recur/autograd/node.h"
#include "recur/nn/fake_int8.h"
#include "recur/nn/layers/cell_init.h"
#include "recur/nn/layers/cell_stepper.h"
#include "recur/nn/padded_layer.h"
#include "recur/nn/stepped_layer.h"
#include "recur/ops/binary.h"
#include "recur/ops/dropout.h"
#include "recur/ops/embedding.h"
#include "recur/ops/matmul.h"
#include "recur/ops/precision.h"

namespace recur {
namespace {

void check(const Cell& cell, const RecurrentOptions& o) {
  const auto probability = [](const char* name, float p) {
    if (!(p >= 0 && p < 1)) fail("recurrent: {}: expected a probability in [0, 1), got {}", name, p);
  };
  if (o.projection < 0) fail("recurrent: projection: expected 0 or more, got {}", o.projection);
  if (o.projection > 0 && (cell.states < 2 || cell.late_gates() > 0))
    fail("recurrent: projection needs a cell with an inner state, such as lstm; {} has none", cell.name);
  probability("recurrent_dropout", o.recurrent_dropout);
  probability("weight_drop", o.weight_drop);
  probability("zoneout", o.zoneout);
  probability("zoneout_inner", o.zoneout_inner);
  if (o.recompute < 0) fail("recurrent: recompute: expected 0 or more steps, got {}", o.recompute);
}

// Whether a layer may run without its weights' blocks of zeros: in f32, where nothing is learnt.
bool may_run_sparse(const CellLayer& layer, Mode mode) {
  return !mode.is_training() && !autograd::recording() && layer.dtype() == DType::kF32 &&
         product_precision() == Precision::kFull;
}

}  // namespace

CellLayer::CellLayer(const Cell& cell, const LayerSpec& spec)
    : cell_(cell),
      options_(spec.options),
      reverse_(spec.reverse),
      input_(spec.input),
      hidden_(spec.hidden),
      width_(options_.projection > 0 ? options_.projection : hidden_),
      packed_(make_packed_weight()),
      stepped_(std::make_shared<SteppedLayer>()) {
  check(cell, options_);
  parameters_ = converted<Parameter>(initial_parameters(cell, spec));
  for_each_part(parameters_, [&](const char* name, const Parameter& part) { register_parameter(name, part); });
}

bool CellLayer::is_replaced() const {
  bool replaced = false;
  for_each_part(parameters_, [&](const char*, const Parameter& part) { replaced = replaced || part.is_replaced(); });
  return replaced;
}

Tensors CellLayer::zero_states(int64_t batch, DType dtype) const {
  Tensors states{Tensor::zeros({batch, width_}, dtype)};
  while (std::ssize(states) < cell_.states) states.push_back(Tensor::zeros({batch, hidden_}, dtype));
  return states;
}

// With what dropout and zoneout draw for this call. Weights of this call alone take no room where packed ones are kept.
LayerOptions CellLayer::loop_options(const LayerCall& call) const {
  LayerOptions o{.cell = &cell_,
                 .reverse = reverse_,
                 .decay = call.decay,
                 .recompute = options_.recompute,
                 .trace = call.trace,
                 .packed = is_replaced() || call.mode.dropout(options_.weight_drop) > 0 ? nullptr : packed_};
  const Mode mode = call.mode;
  const auto zoneout = [&](float share, int64_t width) {
    if (share == 0) return Tensor();
    if (!mode.is_training()) return Tensor::scalar(share, dtype());
    return step(dropout_mask({call.packing.steps(), call.packing.batch(), width}, 1 - share, mode.random(), dtype()));
  };
  if (mode.dropout(options_.recurrent_dropout) > 0)
    o.recurrent_mask = dropout_mask({call.packing.batch(), width_}, options_.recurrent_dropout, mode.random(), dtype());
  o.zoneout = zoneout(options_.zoneout, width_);
  if (cell_.states > 1) o.zoneout_inner = zoneout(options_.zoneout_inner, hidden_);
  return o;
}

LayerParameters CellLayer::dropped_weights(Mode mode) const {
  LayerParameters p = tensors();
  if (mode.dropout(options_.weight_drop) > 0) p.weight_hh = dropout(p.weight_hh, options_.weight_drop, mode.random());
  return p;
}

StreamLayerOptions CellLayer::step_options(kernels::WeightFormat weights) const {
  return {.cell = &cell_, .zoneout = options_.zoneout, .zoneout_inner = options_.zoneout_inner, .weights = weights};
}

bool CellLayer::runs_in_int8(Mode mode) const {
  return infers_in_int8() && !mode.is_training() && !autograd::recording() && dtype() == DType::kF32;
}

// Recomputation keeps the layer's input, and x is smaller than its product.
bool CellLayer::reads_table(int64_t rows, const LayerCall& call) const {
  return 2 * rows <= call.packing.packed_rows() && options_.recompute == 0 && !runs_in_int8(call.mode) &&
         !(may_run_sparse(*this, call.mode) && stepped_->is_sparse(tensors()));
}

LayerOutput CellLayer::run(const LayerInput& input, const Tensors& states, const LayerCall& call) const {
  const LayerOptions options = loop_options(call);
  if (runs_in_int8(call.mode) && !call.decay.defined()) {
    return run_steps(*int8_kernel(), input.x, states, call.packing, reverse_);
  }
  if (may_run_sparse(*this, call.mode) && !call.decay.defined() && !input.ids.defined() && !is_replaced() &&
      stepped_->is_sparse(tensors())) {
    const auto layer = stepped_->packed(tensors(), step_options(kernels::WeightFormat::kF32));
    return run_steps(*layer, input.x, states, call.packing, reverse_);
  }
  const Int8Training rounds(Int8Training::is_on() && call.mode.is_training() && !call.decay.defined());
  LayerParameters parameters = dropped_weights(call.mode);
  Tensor x = Int8Training::is_on() ? fake_int8(input.x) : input.x;
  if (input.ids.defined()) {  // the product of every row of the table, then the rows of that
    x = embedding(matmul(x, parameters.weight_ih, {.trans_b = true}), input.ids);
    parameters.weight_ih = {};
  }
  return run_layer(x, states, parameters, call.packing, options);
}

LayerOutput CellLayer::run_traced(const PaddedLayerInput& input) const {
  return run_padded_layer(
      input, tensors(),
      {.cell = &cell_, .reverse = reverse_, .zoneout = options_.zoneout, .zoneout_inner = options_.zoneout_inner});
}

std::shared_ptr<const StreamLayer> CellLayer::int8_kernel() const {
  const StreamLayerOptions options = step_options(kernels::WeightFormat::kI8);
  if (is_replaced()) return std::make_shared<const StreamLayer>(tensors(), options);
  return stepped_->packed(tensors(), options);
}

std::shared_ptr<const Stepper> CellLayer::stepper(const StreamOptions& options) const {
  StreamLayerOptions one = step_options(options.weights);
  one.rows = options.streams;
  return std::make_shared<const CellStepper>(StreamLayer(tensors(), one), options.streams);
}

}  // namespace recur
