#include "recur/nn/stepped_layer.h"

#include <algorithm>

#include "recur/base/threads.h"
#include "recur/nn/aligned.h"

namespace recur {
namespace {

// Rows begin .. begin + count - 1 of the batch through all steps: what a thread does.
class RowSteps {
 public:
  RowSteps(const StreamLayer& layer, int64_t begin, int64_t count)
      : layer_(layer.with_rows(count)),
        begin_(begin),
        count_(count),
        state_(static_cast<size_t>(layer_.state_size())),
        scratch_(static_cast<size_t>(layer_.scratch_size())) {}

  void start(const Tensors& states) {
    for (int k = 0; k < layer_.parts(); ++k)
      for (int64_t row = 0; row < count_; ++row) {
        const float* from = states[k].data<float>() + (begin_ + row) * layer_.part_size(k);
        // h in both halves: going backwards, rows join later, in whichever half it is then.
        for (int half = 0; half < 2; ++half)
          std::copy_n(from, layer_.part_size(k), state_.data() + layer_.part_offset(k, half, row));
      }
  }

  // The rows of one step, which are the first of the batch: x and y begin at its row 0. h goes to y and `last` too.
  void step(int64_t rows_of_step, const float* x, float* y, float* last) {
    const int64_t rows = std::clamp<int64_t>(rows_of_step - begin_, 0, count_);
    if (rows == 0) return;
    const int64_t F = layer_.input_features(), P = layer_.output_features();
    const float* h = layer_.step({.rows = rows,
                                  .x = x + begin_ * F,
                                  .x_stride = F,
                                  .state = state_.data(),
                                  .scratch = scratch_.data(),
                                  .half = half_});
    half_ = 1 - half_;
    for (int64_t row = 0; row < rows; ++row)
      for (float* to : {y, last}) std::copy_n(h + row * layer_.h_stride(), P, to + (begin_ + row) * P);
  }

  void finish(Tensors& states) const {
    for (int k = 1; k < layer_.parts(); ++k)
      for (int64_t row = 0; row < count_; ++row)
        std::copy_n(state_.data() + layer_.part_offset(k, 0, row), layer_.part_size(k),
                    states[k].data<float>() + (begin_ + row) * layer_.part_size(k));
  }

 private:
  StreamLayer layer_;
  int64_t begin_, count_;
  AlignedVector<float> state_, scratch_;
  int half_ = 0;
};

}  // namespace

LayerOutput run_steps(const StreamLayer& layer, const Tensor& x, const Tensors& states, const Packing& packing,
                      bool reverse) {
  const int64_t T = packing.steps(), B = packing.batch();
  const int64_t F = layer.input_features(), P = layer.output_features();
  LayerOutput out{Tensor::empty({packing.packed_rows(), P}), {}};
  for (const Tensor& state : states) out.states.push_back(state.clone());
  const float* from = x.data<float>();
  float* y = out.y.data<float>();
  float* last = out.states[0].data<float>();
  const int64_t rows_each = (B + threads() - 1) / threads();
  parallel_for(B, rows_each, [&](int64_t begin, int64_t end) {
    RowSteps rows(layer, begin, end - begin);
    rows.start(states);
    for (int64_t s = 0; s < T; ++s) {
      const int64_t t = reverse ? T - 1 - s : s, offset = packing.offset(t);
      rows.step(packing.rows(t), from + offset * F, y + offset * P, last);
    }
    rows.finish(out.states);
  });
  return out;
}

bool SteppedLayer::is_sparse(const LayerParameters& p) {
  const std::lock_guard lock(mutex_);
  if (looked_at_[0].is(p.weight_ih) && looked_at_[1].is(p.weight_hh)) return is_sparse_;
  is_sparse_ = has_sparse_blocks(p.weight_hh, kMostLeftInSequences) &&
               (p.weight_ih.numel() < p.weight_hh.numel() || has_sparse_blocks(p.weight_ih, kMostLeftInSequences));
  looked_at_[0] = TensorMark(p.weight_ih);
  looked_at_[1] = TensorMark(p.weight_hh);
  return is_sparse_;
}

std::shared_ptr<const StreamLayer> SteppedLayer::packed(const LayerParameters& p, const StreamLayerOptions& options) {
  const std::lock_guard lock(mutex_);
  bool kept = packed_ != nullptr && format_ == options.weights;
  size_t next = 0;
  for_each_part(p, [&](const char*, const Tensor& part) { kept = kept && parameters_[next++].is(part); });
  if (!kept) {
    packed_ = std::make_shared<StreamLayer>(p, options);
    format_ = options.weights;
    parameters_.clear();
    for_each_part(p, [&](const char*, const Tensor& part) { parameters_.emplace_back(part); });
  }
  return packed_;
}

}  // namespace recur
