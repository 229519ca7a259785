#include "recur/nn/stream_layer.h"

#include <algorithm>
#include <cassert>

#include "recur/kernels/kernels.h"
#include "recur/ops/reshape.h"
#include "recur/tensor/data_or_null.h"

namespace recur {
namespace {

using kernels::PanelLayout;
using kernels::StreamKernels;
using kernels::StreamSource;
using kernels::StreamStep;

std::optional<kernels::SparseBlocks> sparse_blocks_of(const Tensor& weight, double most_left) {
  return kernels::find_sparse_blocks(weight.data<float>(), weight.size(0), weight.size(1), most_left);
}

// Whether most of the weights of a layer stand in matrices that are multiplied without their blocks of zeros.
bool is_sparse(const LayerParameters& p) {
  int64_t all = 0, sparse = 0;
  for (const Tensor* weight : {&p.weight_ih, &p.weight_hh}) {
    all += weight->numel();
    if (has_sparse_blocks(*weight, kMostLeftInStream)) sparse += weight->numel();
  }
  return 2 * sparse > all;
}

// In place, elements begin .. end - 1 of a row of sums; norm [2, n], or undefined: then nothing is done.
void normalize(float* sums, const Tensor& norm, int64_t begin, int64_t end) {
  if (!norm.defined()) return;
  float mean, scale;
  const float* weight = norm.data<float>();
  kernels::table<float>().layer_norm({.rows = 1,
                                      .n = end - begin,
                                      .x = sums + begin,
                                      .weight = weight + begin,
                                      .bias = weight + norm.size(1) + begin,
                                      .eps = static_cast<float>(kernels::kLayerNormEpsilon)},
                                     sums + begin, &mean, &scale);
}

// now = share * before + (1 - share) * now.
void mix(float share, const float* before, float* now, int64_t n) {
  for (int64_t i = 0; i < n; ++i) now[i] = now[i] + share * (before[i] - now[i]);
}

}  // namespace

bool has_sparse_blocks(const Tensor& weight, double most_left) {
  return sparse_blocks_of(weight, most_left).has_value();
}

PackedPanels::PackedPanels(const StreamKernels& kernels, PanelLayout shape, const StreamSource& source) {
  for (const int64_t inputs : {shape.input, shape.recurrent})
    if (shape.format == WeightFormat::kI8 && inputs > kernels::kMostI8Inputs)
      fail("stream: int8 weights: expected at most {} inputs, got {}", kernels::kMostI8Inputs, inputs);
  shape.cut_for(kernels.lanes);
  bytes_ = Tensor::empty({shape.bytes()}, DType::kU8);
  kernels::pack_panels(shape, source, bytes_.bytes());
  step_.layout = shape;
  step_.packed = bytes_.bytes();
  run_ = kernels.step[static_cast<int>(shape.format)];
}

PackedPanels PackedPanels::affine(const Tensor& weight, const Tensor& bias, WeightFormat format) {
  const PanelLayout shape{.format = format, .gates = 1, .input = weight.size(1), .hidden = weight.size(0)};
  const auto kind = sparse_blocks_of(weight, kMostLeftInStream);
  if (!kind)
    return {kernels::linear_kernels(),
            shape,
            {.weight_ih = data_or_null<float>(weight), .bias_x = data_or_null<float>(bias)}};
  PackedPanels panels;
  panels.step_.layout = shape;
  panels.step_.layout.cut_for(kernels::linear_kernels().lanes);
  panels.pack_sparse(*kind, weight, bias);
  return panels;
}

void PackedPanels::pack_sparse(kernels::SparseBlocks kind, const Tensor& weight, const Tensor& bias) {
  const float* from = weight.data<float>();
  sparse_ = kernels::sparse_layout(layout().format, kind, from, weight.size(0), weight.size(1));
  bytes_ = Tensor::empty({sparse_->bytes()}, DType::kU8);
  kernels::pack_sparse(*sparse_, from, data_or_null<float>(bias), bytes_.bytes());
  step_.packed = bytes_.bytes();
  run_ = kernels::sparse_step(layout().format, kind);
}

void PackedPanels::unpack(const kernels::StreamTarget& target) const {
  if (sparse_)
    kernels::unpack_sparse(*sparse_, bytes_.bytes(), target.weight_ih, target.bias_x);
  else
    kernels::unpack_panels(layout(), bytes_.bytes(), target);
}

StreamLayer::StreamLayer(const LayerParameters& p, const StreamLayerOptions& options)
    : cell_(options.cell),
      rows_(options.rows),
      input_features_(p.weight_ih.size(1)),
      hidden_(p.weight_ih.size(0) / options.cell->gates),
      h_features_(p.weight_hh.size(1)),
      zoneout_(options.zoneout),
      zoneout_inner_(options.zoneout_inner),
      is_fused_(!p.norm_ih.defined() && options.cell->late_gates() == 0 && !is_sparse(p)),
      projects_(p.projection.defined()) {
  if (projects_) projection_ = PackedPanels::affine(p.projection, Tensor(), options.weights);
  if (is_fused_)
    pack_fused(p, options);
  else
    pack_apart(p, options);
  inner_stride_ = is_fused_ ? fused_.layout().padded_hidden() : kernels::round_up(hidden_, 16);
  h_stride_ = projects_ ? projection_.layout().padded_hidden() : inner_stride_;
  place_scratch();
}

void StreamLayer::pack_fused(const LayerParameters& p, const StreamLayerOptions& options) {
  const PanelLayout shape{.format = options.weights,
                          .gates = cell_->gates,
                          .unit_weights = cell_->unit_weights,
                          .input = p.weight_ih.size(1),
                          .recurrent = p.weight_hh.size(1),
                          .hidden = hidden_};
  fused_ = {cell_->stream,
            shape,
            {.weight_ih = data_or_null<float>(p.weight_ih),
             .weight_hh = data_or_null<float>(p.weight_hh),
             .bias_x = data_or_null<float>(p.bias_ih),
             .bias_r = data_or_null<float>(p.bias_hh),
             .unit_weights = data_or_null<float>(p.unit_weights)}};
}

void StreamLayer::pack_apart(const LayerParameters& p, const StreamLayerOptions& options) {
  const int64_t all = cell_->gates * hidden_, early = all - cell_->late_gates() * hidden_;
  const auto pack_rows = [&](int64_t begin, int64_t end) {
    return PackedPanels::affine(rows(p.weight_hh, begin, end), rows_or_none(p.bias_hh, begin, end), options.weights);
  };
  input_ = PackedPanels::affine(p.weight_ih, p.bias_ih, options.weights);
  recurrent_ = pack_rows(0, early);
  if (early < all) late_ = pack_rows(early, all);
  const auto copy = [](const Tensor& t) { return t.defined() ? t.clone() : t; };
  norm_ih_ = copy(p.norm_ih);
  norm_hh_ = copy(p.norm_hh);
  norm_inner_ = copy(p.norm_inner);
  unit_weights_ = copy(p.unit_weights);
}

bool StreamLayer::is_plain() const {
  const PackedPanels& any = is_fused_ ? fused_ : input_;
  return any.layout().format == WeightFormat::kF32 && !projects_ && !norm_ih_.defined() && zoneout_ == 0 &&
         zoneout_inner_ == 0;
}

LayerParameters StreamLayer::plain_parameters() const {
  assert(is_plain());
  const int64_t all = cell_->gates * hidden_;
  LayerParameters p;
  p.weight_ih = Tensor::empty({all, input_features_});
  p.weight_hh = Tensor::empty({all, hidden_});
  p.bias_ih = Tensor::empty({all});
  p.bias_hh = Tensor::empty({all});
  float *w_x = p.weight_ih.data<float>(), *w_h = p.weight_hh.data<float>();
  float *b_x = p.bias_ih.data<float>(), *b_h = p.bias_hh.data<float>();
  if (is_fused_) {
    fused_.unpack({.weight_ih = w_x, .weight_hh = w_h, .bias_x = b_x, .bias_r = b_h});
    return p;
  }
  input_.unpack({.weight_ih = w_x, .bias_x = b_x});
  const int64_t early = recurrent_.layout().hidden;
  recurrent_.unpack({.weight_ih = w_h, .bias_x = b_h});
  if (has_late_gates()) late_.unpack({.weight_ih = w_h + early * hidden_, .bias_x = b_h + early});
  return p;
}

StreamLayer StreamLayer::with_rows(int64_t rows) const {
  StreamLayer result = *this;
  result.rows_ = rows;
  result.place_scratch();
  return result;
}

void StreamLayer::place_scratch() {
  scratch_size_ = 0;
  const auto place = [&](int64_t& at, int64_t floats) {
    at = scratch_size_;
    scratch_size_ += kernels::round_up(rows_ * floats, 16);
  };
  if (!is_fused_) {
    input_stride_ = input_.layout().padded_hidden();
    // The late gates' sums come behind the early ones', padded as their panels are.
    recurrent_stride_ = cell_->gates * hidden_ + recurrent_.layout().padded_hidden();
    if (has_late_gates()) recurrent_stride_ += late_.layout().padded_hidden();
    place(at_.input, input_stride_);
    place(at_.recurrent, recurrent_stride_);
    if (has_late_gates()) place(at_.late, hidden_);
    place(at_.saved, cell_->f32.saved * hidden_);
    place(at_.normal, hidden_);
  }
  if (projects_) place(at_.full, inner_stride_);
  if (zoneout_inner_ > 0) place(at_.before, (parts() - 1) * inner_stride_);
  at_.quantised = scratch_size_;
  int64_t bytes = 0;
  for (const PackedPanels* panels : all_panels())
    bytes = std::max(bytes, kernels::stream_scratch_bytes(panels->layout(), rows_));
  scratch_size_ += kernels::round_up(bytes, 64) / 4;
}

int64_t StreamLayer::weight_bytes() const {
  int64_t bytes = 0;
  for (const PackedPanels* panels : all_panels()) bytes += panels->bytes();
  return bytes;
}

const float* StreamLayer::step(const Step& at) const {
  const float* h = at.state + part_offset(0, at.half, 0);
  float* next = at.state + part_offset(0, 1 - at.half, 0);
  if (zoneout_inner_ > 0) std::copy_n(inner(at, 1, 0), rows_ * (parts() - 1) * inner_stride_, at.scratch + at_.before);
  float* full = projects_ ? at.scratch + at_.full : next;
  if (is_fused_)
    fused_step(at, h, full);
  else
    apart_step(at, h, full);
  if (projects_) linear_step(projection_, at, full, inner_stride_, next, h_stride_);
  if (zoneout_ > 0) mix(zoneout_, h, next, at.rows * h_stride_);
  if (zoneout_inner_ > 0) mix_inner(at);
  return next;
}

void StreamLayer::mix_inner(const Step& at) const {
  for (int k = 1; k < parts(); ++k)
    mix(zoneout_inner_, at.scratch + at_.before + (k - 1) * rows_ * inner_stride_, inner(at, k, 0),
        at.rows * inner_stride_);
}

// A step through the panels, but for what goes in and comes out.
StreamStep StreamLayer::step_through(const PackedPanels& panels, const Step& at) const {
  StreamStep step = panels.step();
  step.last_panel_first = at.half != 0;
  step.rows = at.rows;
  step.scratch = reinterpret_cast<std::byte*>(at.scratch + at_.quantised);
  return step;
}

void StreamLayer::fused_step(const Step& at, const float* h, float* next) const {
  StreamStep step = step_through(fused_, at);
  step.x = at.x;
  step.x_stride = at.x_stride;
  step.h = h;
  step.h_stride = h_stride_;
  step.next = next;
  step.next_stride = inner_stride_;
  step.inner_stride = inner_stride_;
  for (int k = 1; k < parts(); ++k) step.inner[k] = inner(at, k, 0);
  fused_.run(step);
}

// next = x weight^T + bias.
void StreamLayer::linear_step(const PackedPanels& panels, const Step& at, const float* x, int64_t x_stride, float* next,
                              int64_t next_stride) const {
  StreamStep step = step_through(panels, at);
  step.x = x;
  step.x_stride = x_stride;
  step.h = step.next = next;  // an affine map has no h
  step.next_stride = next_stride;
  panels.run(step);
}

void StreamLayer::apart_step(const Step& at, const float* h, float* next) const {
  float* x_sums = at.scratch + at_.input;
  float* r_sums = at.scratch + at_.recurrent;
  linear_step(input_, at, at.x, at.x_stride, x_sums, input_stride_);
  linear_step(recurrent_, at, h, h_stride_, r_sums, recurrent_stride_);
  const int64_t all = cell_->gates * hidden_, early = recurrent_.layout().hidden;
  for (int64_t row = 0; row < at.rows; ++row) {
    normalize(x_sums + row * input_stride_, norm_ih_, 0, all);
    normalize(r_sums + row * recurrent_stride_, norm_hh_, 0, early);
  }
  if (has_late_gates()) late_step(at, h, next);
  for (int64_t row = 0; row < at.rows; ++row) gates_of_row(at, h, next, row);
}

// One row of a step for the cell's passes. The inner states change in place.
kernels::CellRows<float> StreamLayer::row_of(const Step& at, const float* h, float* next, int64_t row) const {
  kernels::CellRows<float> cell{.rows = 1,
                                .hidden = hidden_,
                                .x = at.scratch + at_.input + row * input_stride_,
                                .r = at.scratch + at_.recurrent + row * recurrent_stride_,
                                .unit_weights = data_or_null<float>(unit_weights_),
                                .saved = at.scratch + at_.saved + row * cell_->f32.saved * hidden_,
                                .late = at.scratch + at_.late + row * hidden_};
  cell.before[0] = projects_ ? nullptr : h + row * h_stride_;
  cell.after[0] = next + row * inner_stride_;
  for (int k = 1; k < parts(); ++k) cell.before[k] = cell.after[k] = inner(at, k, row);
  return cell;
}

// The late gates' sums, of what the cell makes of h.
void StreamLayer::late_step(const Step& at, const float* h, float* next) const {
  const int64_t early = recurrent_.layout().hidden;
  float* r_sums = at.scratch + at_.recurrent;
  for (int64_t row = 0; row < at.rows; ++row) cell_->f32.passes.late(row_of(at, h, next, row));
  linear_step(late_, at, at.scratch + at_.late, hidden_, r_sums + early, recurrent_stride_);
  for (int64_t row = 0; row < at.rows; ++row)
    normalize(r_sums + row * recurrent_stride_, norm_hh_, early, cell_->gates * hidden_);
}

void StreamLayer::gates_of_row(const Step& at, const float* h, float* next, int64_t row) const {
  const kernels::CellRows<float> cell = row_of(at, h, next, row);
  cell_->f32.passes.forward(cell);
  if (!norm_inner_.defined() || cell_->stream.output == nullptr) return;
  float* normal = at.scratch + at_.normal;
  std::copy_n(cell.after[1], hidden_, normal);
  normalize(normal, norm_inner_, 0, hidden_);
  const float* output_gate = cell.saved + cell_->f32.passes.output_gate * hidden_;
  cell_->stream.output(output_gate, normal, cell.after[0], hidden_);
}

}  // namespace recur
