#include "recur/nn/layers/conv_lstm_loop.h"

#include <algorithm>

#include "recur/base/threads.h"
#include "recur/nn/cells/cell.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/conv_gradients.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

enum ConvLstmInput : size_t { kConvProjected, kConvWeight, kConvH, kConvC };  // of the op

// As many pixels out as in.
Conv2dOptions same_size(const Tensor& weight) {
  return {.padding = {(weight.size(2) - 1) / 2, (weight.size(3) - 1) / 2}};
}

// What forward keeps for backward; U = P H W units an image.
struct ConvLstmTape {
  Tensor y, c;   // [N, U]
  Tensor gates;  // [N, 4 U]
};

// The gates of an image lie one behind the other, so its units are those of a row of an LSTM: the cell's own passes do
// the arithmetic.
template <class T>
class ConvLstmLoop {
 public:
  ConvLstmLoop(const Tensors& in, const Packing& packing, bool reverse)
      : in_(in),
        packing_(packing),
        reverse_(reverse),
        passes_(find_cell("lstm").fused<T>().passes),
        N_(packing.packed_rows()),
        U_(in[kConvH].size(1) * in[kConvH].size(2) * in[kConvH].size(3)) {}

  Tensors forward(ConvLstmTape& tape) const {
    const autograd::NoGrad no_grad;
    tape = {.y = array(U_), .c = array(U_), .gates = array(kConvLstmGates * U_)};
    Tensor h = in_[kConvH].clone(), c = in_[kConvC].clone();
    T *const y_data = tape.y.data<T>(), *const c_data = tape.c.data<T>(), *const gates = tape.gates.data<T>();
    for (int64_t s = 0; s < packing_.steps(); ++s) {
      const int64_t t = step(s), n = packing_.rows(t), at = packing_.offset(t);
      const Tensor product = conv2d(rows(h, 0, n), in_[kConvWeight], {}, same_size(in_[kConvWeight]));
      const T *const x = in_[kConvProjected].data<T>(), *const r = product.data<T>();
      T *const h_now = h.data<T>(), *const c_now = c.data<T>();
      parallel_for(n, 1, [&](int64_t row, int64_t end) {
        const int64_t from = row * U_, to = (at + row) * U_, count = (end - row) * U_;
        passes_.forward({.rows = end - row,
                         .hidden = U_,
                         .x = x + kConvLstmGates * to,
                         .r = r + kConvLstmGates * from,
                         .before = {h_now + from, c_now + from},
                         .after = {h_now + from, c_now + from},
                         .saved = gates + kConvLstmGates * to});
        std::copy_n(h_now + from, count, y_data + to);
        std::copy_n(c_now + from, count, c_data + to);
      });
    }
    const Tensor y = tape.y;
    tape.y = y.detach();
    return {y, h, c};
  }

  // The gradients of the inputs; v's outputs are y, h, c.
  Tensors backward(const autograd::VjpArgs& v, const ConvLstmTape& tape) const {
    const Shape gates{N_, in_[kConvWeight].size(0), in_[kConvH].size(2), in_[kConvH].size(3)};
    const Tensor dy = v.grad(0), c_before = before(tape.c, kConvC);
    Tensor dh = v.grad(1).clone(), dc = v.grad(2).clone(), dgates = Tensor::empty(gates, kDTypeOf<T>);
    for (int64_t s = packing_.steps(); s-- > 0;) {
      const int64_t t = step(s), n = packing_.rows(t), at = packing_.offset(t);
      T *const dh_now = dh.data<T>(), *const dc_now = dc.data<T>(), *const d = dgates.data<T>();
      parallel_for(n, 1, [&](int64_t row, int64_t end) {
        const int64_t from = row * U_, to = (at + row) * U_;
        const T* const add = dy.data<T>() + to;
        for (int64_t i = 0; i < (end - row) * U_; ++i) dh_now[from + i] += add[i];
        passes_.backward({.rows = end - row,
                          .hidden = U_,
                          .before = {nullptr, c_before.data<T>() + to},
                          .after = {nullptr, tape.c.data<T>() + to},
                          .saved = tape.gates.data<T>() + kConvLstmGates * to,
                          .dstate = {dh_now + from, dc_now + from},
                          .dx = d + kConvLstmGates * to,
                          .dr = d + kConvLstmGates * to});
      });
      if (s == 0 && !v.needs(kConvH)) break;
      const Tensor product =
          conv2d_input_gradient(rows(dgates, at, at + n), in_[kConvWeight], images(n), same_size(in_[kConvWeight]));
      std::copy_n(product.data<T>(), n * U_, dh_now);
    }
    Tensor dweight;
    if (v.needs(kConvWeight)) {
      const Tensor h_before = before(tape.y, kConvH).alias(0, images(N_));
      dweight = conv2d_weight_gradient(dgates, h_before, in_[kConvWeight].shape(), same_size(in_[kConvWeight]));
    }
    return {dgates, dweight, dh, dc};
  }

 private:
  int64_t step(int64_t s) const { return reverse_ ? packing_.steps() - 1 - s : s; }
  Tensor array(int64_t width) const { return Tensor::empty({N_, width}, kDTypeOf<T>); }
  Shape images(int64_t count) const { return {count, in_[kConvH].size(1), in_[kConvH].size(2), in_[kConvH].size(3)}; }
  // The states before each step [N, U].
  Tensor before(const Tensor& history, ConvLstmInput state) const {
    return packing_.previous_states(history, in_[state].alias(0, {packing_.batch(), U_}), reverse_);
  }

  const Tensors& in_;
  const Packing& packing_;
  bool reverse_;
  const kernels::CellPasses<T>& passes_;
  int64_t N_, U_;
};

}  // namespace

Tensors composed_conv_lstm_loop(const Tensor& projected, const Tensor& weight, const Tensors& states,
                                const Packing& packing, bool reverse) {
  const int64_t steps = packing.steps(), batch = packing.batch(), hidden = states[0].size(1);
  Tensor h = states[0], c = states[1];
  Tensors y(static_cast<size_t>(steps));
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t t = reverse ? steps - 1 - s : s, n = packing.rows(t), begin = packing.offset(t);
    const Tensor gates = rows(projected, begin, begin + n) + conv2d(rows(h, 0, n), weight, {}, same_size(weight));
    const auto gate = [&](int64_t k) { return slice(gates, {.axis = 1, .begin = k * hidden}, hidden); };
    const Tensor cell = sigmoid(gate(1)) * rows(c, 0, n) + sigmoid(gate(0)) * tanh(gate(2));
    const Tensor out = sigmoid(gate(3)) * tanh(cell);
    y[static_cast<size_t>(t)] = reshape(out, {n, -1});
    // Rows that are not there in this step keep their states.
    h = n == batch ? out : concat({out, rows(h, n, batch)}, 0);
    c = n == batch ? cell : concat({cell, rows(c, n, batch)}, 0);
  }
  return {concat(y, 0), h, c};
}

Tensors conv_lstm_loop(const Tensor& projected, const Tensor& weight, const Tensors& states, const Packing& packing,
                       bool reverse) {
  const Tensors inputs{projected, weight, states[0], states[1]};
  return dispatch_float("conv_lstm_loop", projected.dtype(), [&](auto zero) {
    using T = decltype(zero);
    ConvLstmTape tape;
    const Tensors outputs = ConvLstmLoop<T>(inputs, packing, reverse).forward(tape);
    return record_with_twin(
        "conv_lstm_loop", inputs, outputs,
        [packing, reverse, tape](const Tensors& in, const autograd::VjpArgs& v) {
          return ConvLstmLoop<T>(in, packing, reverse).backward(v, tape);
        },
        [packing, reverse](const Tensors& in) {
          return composed_conv_lstm_loop(in[kConvProjected], in[kConvWeight], {in[kConvH], in[kConvC]}, packing,
                                         reverse);
        });
  });
}

}  // namespace recur
