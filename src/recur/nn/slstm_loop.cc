#include "recur/nn/slstm_loop.h"

#include <algorithm>

#include "recur/kernels/kernels.h"
#include "recur/ops/activations.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/matmul.h"
#include "recur/ops/product.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/slice.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

enum SlstmState { kH, kCell, kNormal, kLevel };
enum SlstmGate { kCandidate, kInputGate, kForgetGate, kOutputGate, kGates };
constexpr size_t kSlstmProjected = 0, kSlstmWeight = 1, kSlstmStates = 2;  // inputs of the op

// h [B, H] -> [B, 4 H], head by head.
Tensor recurrent_product(const Tensor& h, const Tensor& weight) {
  const int64_t d = weight.size(1), H = weight.size(0) / kGates, heads = H / d;
  const Tensor by_head = transpose(reshape(h, {-1, heads, d}), 0, 1);  // [heads, B, d]
  const Tensor own = reshape(permute(reshape(weight, {kGates, heads, d, d}), {1, 0, 2, 3}), {heads, kGates * d, d});
  const Tensor product = matmul(by_head, own, {.trans_b = true});  // [heads, B, 4 d]
  return reshape(permute(reshape(product, {heads, -1, kGates, d}), {1, 2, 0, 3}), {-1, kGates * H});
}

// What forward keeps for backward; all [N, H].
template <class T>
struct SlstmTape {
  Tensor z, o, forget, keep, take, c, n, y;
};

template <class T>
class SlstmLoop {
 public:
  SlstmLoop(const Tensors& in, const Packing& packing, bool reverse)
      : in_(in),
        packing_(packing),
        reverse_(reverse),
        d_(in[kSlstmWeight].size(1)),
        H_(in[kSlstmWeight].size(0) / kGates),
        N_(packing.packed_rows()),
        B_(packing.batch()) {}

  Tensors forward(SlstmTape<T>& tape) const {
    for (Tensor* kept : {&tape.z, &tape.o, &tape.forget, &tape.keep, &tape.take, &tape.c, &tape.n, &tape.y})
      *kept = Tensor::empty({N_, H_}, kDTypeOf<T>);
    Tensors out{tape.y};
    for (int k = 0; k < 4; ++k) out.push_back(in_[kSlstmStates + static_cast<size_t>(k)].clone());
    Tensor sums = Tensor::empty({B_, kGates * H_}, kDTypeOf<T>);
    for (int64_t s = 0; s < packing_.steps(); ++s) {
      const int64_t t = step(s), rows = packing_.rows(t), at = packing_.offset(t);
      std::copy_n(in_[kSlstmProjected].data<T>() + at * kGates * H_, rows * kGates * H_, sums.data<T>());
      for_each_block([&](int64_t gate, int64_t unit) {
        multiply<T>({.trans_b = true,
                     .m = rows,
                     .n = d_,
                     .k = d_,
                     .a = out[1].data<T>() + unit,
                     .lda = H_,
                     .b = in_[kSlstmWeight].data<T>() + (gate * H_ + unit) * d_,
                     .ldb = d_,
                     .add = true,
                     .c = sums.data<T>() + gate * H_ + unit,
                     .ldc = kGates * H_});
      });
      for (int64_t r = 0; r < rows; ++r) finish_row(tape, out, sums.data<T>() + r * kGates * H_, at + r, r);
    }
    return out;
  }

  // The gradients of the inputs; v's outputs are y, h, c, n, m.
  Tensors backward(const autograd::VjpArgs& v, const SlstmTape<T>& tape) const {
    const Tensor dy = v.grad(0);
    Tensor dh = v.grad(1).clone(), dc = v.grad(2).clone(), dn = v.grad(3).clone();
    Tensor dsums = Tensor::empty({N_, kGates * H_}, kDTypeOf<T>);
    const Tensor h_before = packing_.previous_states(tape.y, in_[kSlstmStates + kH], reverse_);
    const Tensor c_before = packing_.previous_states(tape.c, in_[kSlstmStates + kCell], reverse_);
    const Tensor n_before = packing_.previous_states(tape.n, in_[kSlstmStates + kNormal], reverse_);
    for (int64_t s = packing_.steps(); s-- > 0;) {
      const int64_t t = step(s), rows = packing_.rows(t), at = packing_.offset(t);
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t row = (at + r) * H_;
        unfinish_row(tape, row, dy.data<T>() + row, c_before.data<T>() + row, n_before.data<T>() + row,
                     {dh.data<T>() + r * H_, dc.data<T>() + r * H_, dn.data<T>() + r * H_},
                     dsums.data<T>() + row * kGates);
      }
      // Of h before the step: the first gate's product overwrites what went into the step, the others add.
      for_each_block([&](int64_t gate, int64_t unit) {
        multiply<T>({.m = rows,
                     .n = d_,
                     .k = d_,
                     .a = dsums.data<T>() + at * kGates * H_ + gate * H_ + unit,
                     .lda = kGates * H_,
                     .b = in_[kSlstmWeight].data<T>() + (gate * H_ + unit) * d_,
                     .ldb = d_,
                     .add = gate > 0,
                     .c = dh.data<T>() + unit,
                     .ldc = H_});
      });
    }
    Tensor dweight = Tensor::empty(in_[kSlstmWeight].shape(), kDTypeOf<T>);
    for_each_block([&](int64_t gate, int64_t unit) {
      multiply<T>({.trans_a = true,
                   .m = d_,
                   .n = d_,
                   .k = N_,
                   .a = dsums.data<T>() + gate * H_ + unit,
                   .lda = kGates * H_,
                   .b = h_before.data<T>() + unit,
                   .ldb = H_,
                   .c = dweight.data<T>() + (gate * H_ + unit) * d_,
                   .ldc = d_});
    });
    return {dsums, dweight, dh, dc, dn, Tensor()};
  }

 private:
  struct RowGradients {
    T *h, *c, *n;
  };

  int64_t step(int64_t s) const { return reverse_ ? packing_.steps() - 1 - s : s; }

  // f(gate, first unit) of each head's blocks.
  template <class F>
  void for_each_block(F&& f) const {
    for (int64_t gate = 0; gate < kGates; ++gate)
      for (int64_t unit = 0; unit < H_; unit += d_) f(gate, unit);
  }

  void unary(kernels::Unary op, const T* x, T* y) const { kernels::table<T>().unary(op, x, y, H_); }

  // The gates' arithmetic of packed row `row`, whose states are row r.
  void finish_row(SlstmTape<T>& tape, Tensors& out, const T* sums, int64_t row, int64_t r) const {
    using enum kernels::Unary;
    const int64_t at = row * H_;
    T *const z = tape.z.template data<T>() + at, *const o = tape.o.template data<T>() + at;
    T *const forget = tape.forget.template data<T>() + at, *const keep = tape.keep.template data<T>() + at,
             *const take = tape.take.template data<T>() + at;
    T *const h = out[1 + kH].data<T>() + r * H_, *const c = out[1 + kCell].data<T>() + r * H_,
             *const n = out[1 + kNormal].data<T>() + r * H_, *const m = out[1 + kLevel].data<T>() + r * H_;
    const T* const in = sums + kInputGate * H_;
    unary(kTanh, sums + kCandidate * H_, z);
    unary(kSigmoid, sums + kOutputGate * H_, o);
    unary(kSigmoid, sums + kForgetGate * H_, forget);
    unary(kLog, forget, keep);
    for (int64_t j = 0; j < H_; ++j) {
      const T before = keep[j] + m[j];
      m[j] = n[j] == 0 ? in[j] : std::max(before, in[j]);
      keep[j] = n[j] == 0 ? T(kNever) : before - m[j];
      take[j] = in[j] - m[j];
    }
    unary(kExp, keep, keep);
    unary(kExp, take, take);
    for (int64_t j = 0; j < H_; ++j) {
      c[j] = keep[j] * c[j] + take[j] * z[j];
      n[j] = keep[j] * n[j] + take[j];
      h[j] = o[j] * (c[j] / n[j]);
    }
    std::copy_n(c, H_, tape.c.template data<T>() + at);
    std::copy_n(n, H_, tape.n.template data<T>() + at);
    std::copy_n(h, H_, tape.y.template data<T>() + at);
  }

  void unfinish_row(const SlstmTape<T>& tape, int64_t at, const T* dy, const T* c_before, const T* n_before,
                    RowGradients d, T* dsums) const {
    const T *const z = tape.z.template data<T>() + at, *const o = tape.o.template data<T>() + at;
    const T *const forget = tape.forget.template data<T>() + at, *const keep = tape.keep.template data<T>() + at,
                   *const take = tape.take.template data<T>() + at;
    const T *const c = tape.c.template data<T>() + at, *const n = tape.n.template data<T>() + at;
    for (int64_t j = 0; j < H_; ++j) {
      const T dh = dy[j] + d.h[j], ratio = c[j] / n[j], through = dh * o[j] / n[j];
      const T dc = d.c[j] + through, dn = d.n[j] - through * ratio;
      dsums[kCandidate * H_ + j] = dc * take[j] * (1 - z[j] * z[j]);
      dsums[kInputGate * H_ + j] = (dc * z[j] + dn) * take[j];
      dsums[kForgetGate * H_ + j] = (dc * c_before[j] + dn * n_before[j]) * keep[j] * (1 - forget[j]);
      dsums[kOutputGate * H_ + j] = dh * ratio * o[j] * (1 - o[j]);
      d.c[j] = dc * keep[j];
      d.n[j] = dn * keep[j];
    }
  }

  static constexpr double kNever = -1e4;  // its exponential is 0

  const Tensors& in_;
  const Packing& packing_;
  bool reverse_;
  int64_t d_, H_, N_, B_;
};

}  // namespace

Tensors composed_slstm_step(const Tensor& projected, const Tensor& weight, const Tensors& states) {
  const int64_t H = weight.size(0) / kGates;
  const Tensor sums = projected + recurrent_product(states[kH], weight);
  const auto gate = [&](int g) { return slice(sums, {1, g * H}, H); };
  const Tensor z = tanh(gate(kCandidate)), o = sigmoid(gate(kOutputGate));
  // Results do not depend on the level, by which c and n are scaled: it is a constant for gradients.
  const Tensor in = gate(kInputGate), before = log_sigmoid(gate(kForgetGate)) + states[kLevel].detach();
  const Tensor zero = Tensor::scalar(0, in.dtype()), fresh = equal(states[kNormal], zero);
  const Tensor m = where(fresh, in, maximum(before, in)).detach();
  // Bounded where it is fresh, and not used: an infinity would make a NaN of its gradient.
  const Tensor keep = where(fresh, zero, exp(minimum(before - m, zero))), take = exp(in - m);
  const Tensor c = keep * states[kCell] + take * z, n = keep * states[kNormal] + take;
  return {o * (c / n), c, n, m};
}

Tensors composed_slstm_loop(const Tensor& projected, const Tensor& weight, const Tensors& states,
                            const Packing& packing, bool reverse) {
  const int64_t steps = packing.steps(), batch = packing.batch();
  Tensors now = states, y(static_cast<size_t>(steps));
  for (int64_t s = 0; s < steps; ++s) {
    const int64_t t = reverse ? steps - 1 - s : s, n = packing.rows(t), begin = packing.offset(t);
    Tensors running;
    for (const Tensor& state : now) running.push_back(rows(state, 0, n));
    const Tensors made = composed_slstm_step(rows(projected, begin, begin + n), weight, running);
    y[static_cast<size_t>(t)] = made[kH];
    for (size_t k = 0; k < now.size(); ++k)
      now[k] = n == batch ? made[k] : concat({made[k], rows(now[k], n, batch)}, 0);
  }
  Tensors all{concat(y, 0)};
  all.insert(all.end(), now.begin(), now.end());
  return all;
}

// REQUIRES: at least one packed row.
Tensors slstm_loop(const Tensor& projected, const Tensor& weight, const Tensors& states, const Packing& packing,
                   bool reverse) {
  Tensors inputs{projected, weight};
  inputs.insert(inputs.end(), states.begin(), states.end());
  return dispatch_float("slstm_loop", projected.dtype(), [&](auto zero) {
    using T = decltype(zero);
    SlstmTape<T> tape;
    const Tensors outputs = SlstmLoop<T>(inputs, packing, reverse).forward(tape);
    tape.y = tape.y.detach();
    return record_with_twin(
        "slstm_loop", inputs, outputs,
        [packing, reverse, tape](const Tensors& in, const autograd::VjpArgs& v) {
          return SlstmLoop<T>(in, packing, reverse).backward(v, tape);
        },
        [packing, reverse](const Tensors& in) {
          return composed_slstm_loop(in[kSlstmProjected], in[kSlstmWeight],
                                     Tensors(in.begin() + kSlstmStates, in.end()), packing, reverse);
        });
  });
}

}  // namespace recur
