#include "recur/nn/fed_loop.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "recur/base/threads.h"
#include "recur/nn/packed_weight.h"
#include "recur/ops/attend_sequence.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/matmul.h"
#include "recur/ops/precision.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"
#include "recur/tensor/data_or_null.h"

namespace recur {
namespace {

using autograd::VjpArgs;

// The order of the tensors as inputs of the op.
struct Fed {
  enum Index {
    kX,
    kWeightIh,
    kWeightHh,
    kBiasIh,
    kBiasHh,
    kFed,
    kKeys,
    kValues,
    kQueryWeight,
    kQueryBias,
    kScore,
    kCombineWeight,
    kCombineBias,
    kStates
  };
};
// And of its outputs: features, weights, what is fed after the last step, then the states.
struct FedOut {
  enum Index { kFeatures, kWeights, kFed, kStates };
};

Tensors inputs_of(const FedLoopInput& in) {
  Tensors all{in.x,     in.rnn.weight_ih,  in.rnn.weight_hh, in.rnn.bias_ih,  in.rnn.bias_hh,
              in.fed,   in.memory.keys,    in.memory.values, in.query_weight, in.query_bias,
              in.score, in.combine_weight, in.combine_bias};
  all.insert(all.end(), in.states.begin(), in.states.end());
  return all;
}

// What is no tensor with a gradient.
struct FedCall {
  const Cell* cell;
  Packing packing;
  Tensor lengths;              // i32 [B] of the memory, or undefined
  Tensor mask;                 // [N, O], or undefined
  std::vector<int32_t> order;  // the sequence of each sorted row
};

FedLoopInput input_of(const Tensors& in, const FedCall& call) {
  FedLoopInput out;
  out.cell = call.cell;
  out.x = in[Fed::kX];
  out.rnn.weight_ih = in[Fed::kWeightIh];
  out.rnn.weight_hh = in[Fed::kWeightHh];
  out.rnn.bias_ih = in[Fed::kBiasIh];
  out.rnn.bias_hh = in[Fed::kBiasHh];
  out.fed = in[Fed::kFed];
  out.memory = {in[Fed::kKeys], in[Fed::kValues], call.lengths};
  out.query_weight = in[Fed::kQueryWeight];
  out.query_bias = in[Fed::kQueryBias];
  out.score = in[Fed::kScore];
  out.combine_weight = in[Fed::kCombineWeight];
  out.combine_bias = in[Fed::kCombineBias];
  out.mask = call.mask;
  out.states = Tensors(in.begin() + Fed::kStates, in.end());
  return out;
}

Tensors outputs_of(const FedLoopOutput& out) {
  Tensors all{out.features, out.weights, out.fed};
  all.insert(all.end(), out.states.begin(), out.states.end());
  return all;
}

FedLoopOutput output_of(const Tensors& all) {
  return {all[FedOut::kFeatures], all[FedOut::kWeights], {all.begin() + FedOut::kStates, all.end()}, all[FedOut::kFed]};
}

// What forward leaves for backward. C = [context; h] is the operand of the features' product.
struct FedTape {
  Tensor inputs;    // [N, F + O], x beside what was fed
  Tensor queries;   // [N, D] of additive attention
  Tensor joined;    // [N, E + H], C
  Tensor made;      // [N, O], features before the mask
  Tensor weights;   // [N, S]
  Tensor saved;     // of the cell
  Tensors history;  // h and the inner states after each step, [N, H]
};

// Rows of a thread: they do not depend on each other, so each thread takes its own through all steps. The products'
// right operands are read as they lie for so few rows.
int64_t rows_of_part(int64_t batch) {
  constexpr int64_t kMostRows = 64, kLeastRows = 16;
  const int64_t parts = threads() == 1 ? 1 : 2 * threads();
  return std::clamp((batch + parts - 1) / parts, kLeastRows, kMostRows);
}

template <class T>
Tensor transposed(const Tensor& matrix) {
  const autograd::NoGrad no_grad;
  return transpose(matrix, 0, 1);
}

// T: precision of the layer; E: of the recurrent products' operands and of what the cell keeps.
template <class T, class E>
class FedLoop {
 public:
  FedLoop(const Tensors& in, const FedCall& call)
      : in_(in), call_(call), packing_(call.packing), kernels_(call.cell->fused<T, E>()) {
    F_ = in[Fed::kX].size(1);
    H_ = in[Fed::kWeightHh].size(1);
    O_ = in[Fed::kCombineWeight].size(0);
    E_ = in[Fed::kValues].size(2);
    D_ = in[Fed::kKeys].size(2);
    S_ = in[Fed::kKeys].size(1);
    N_ = packing_.packed_rows();
    B_ = packing_.batch();
  }

  Tensors forward(FedTape& tape) const {
    const autograd::NoGrad no_grad;
    tape.inputs = empty(N_, F_ + O_);
    tape.queries = additive() ? empty(N_, D_) : Tensor();
    tape.joined = empty(N_, E_ + H_);
    tape.made = empty(N_, O_);
    tape.weights = empty(N_, S_);
    tape.saved = Tensor::empty({N_, kernels_.saved * H_}, kDTypeOf<E>);
    for (int k = 0; k < kernels_.states; ++k) tape.history.push_back(empty(N_, H_));
    Tensor features = call_.mask.defined() ? empty(N_, O_) : tape.made;
    Tensors inner;
    for (int k = 1; k < kernels_.states; ++k) inner.push_back(in_[Fed::kStates + k].clone());
    const Tensor packed = pack_forward(kernels_, LoopWeights{in_[Fed::kWeightHh], in_[Fed::kWeightIh]});
    const Tensor combine = transposed<T>(in_[Fed::kCombineWeight]);
    const Tensor ask = additive() ? transposed<T>(in_[Fed::kQueryWeight]) : Tensor();
    const Forward f{.tape = tape,
                    .packed = packed.template data<E>(),
                    .combine = combine.template data<T>(),
                    .ask = data_or_null<T>(ask),
                    .features = features.template data<T>(),
                    .inner = inner};
    parallel_for(B_, rows_of_part(B_), [&](int64_t begin, int64_t end) { forward_rows(f, begin, end); });
    Tensors outputs{features, tape.weights, packing_.last_states(features, in_[Fed::kFed], false),
                    packing_.last_states(tape.history[0], in_[Fed::kStates], false)};
    outputs.insert(outputs.end(), inner.begin(), inner.end());
    return outputs;
  }

  Tensors backward(const VjpArgs& v, const FedTape& tape) const {
    const autograd::NoGrad no_grad;
    Backward b{.tape = tape, .v = v};
    b.dmade = empty(N_, O_);
    b.djoined = empty(N_, E_ + H_);
    b.dqueries = empty(N_, D_);
    b.dy = empty(N_, H_);
    b.dgates = empty(N_, kernels_.gates * H_);
    b.dr = kernels_.split ? empty(N_, kernels_.gates * H_) : b.dgates;
    b.dscores = v.has_grad(FedOut::kWeights) ? v.grad(FedOut::kWeights).clone() : empty(N_, S_);
    b.dkeys = Tensor::zeros(in_[Fed::kKeys].shape(), kDTypeOf<T>);
    b.dvalues = Tensor::zeros(in_[Fed::kValues].shape(), kDTypeOf<T>);
    if (additive()) b.dscore = Tensor::zeros({B_, D_}, kDTypeOf<T>);
    b.dfeatures = v.grad(FedOut::kFeatures);
    b.dfed = v.has_grad(FedOut::kFed) ? v.grad(FedOut::kFed).clone() : Tensor::zeros({B_, O_}, kDTypeOf<T>);
    for (int k = 0; k < kernels_.states; ++k) {
      const int i = FedOut::kStates + k;
      b.dstates.push_back(v.has_grad(i) ? v.grad(i).clone() : Tensor::zeros({B_, H_}, kDTypeOf<T>));
    }
    b.packed = pack_backward(kernels_, in_[Fed::kWeightHh]);
    parallel_for(B_, rows_of_part(B_), [&](int64_t begin, int64_t end) { backward_rows(b, begin, end); });
    return gradients(b);
  }

 private:
  struct Forward {
    const FedTape& tape;
    const E* packed;
    const T *combine, *ask;  // transposed
    T* features;
    Tensors& inner;
  };
  struct Backward {
    const FedTape& tape;
    const VjpArgs& v;
    Tensor dmade = {}, djoined = {}, dqueries = {}, dy = {}, dgates = {}, dr = {}, dscores = {};  // [N, ...]
    Tensor dkeys = {}, dvalues = {}, dscore = {}, dfeatures = {}, dfed = {}, packed = {};
    Tensors dstates = {};
  };
  // The rows of a part that are running at a step.
  struct Place {
    int64_t t, begin, end;  // rows of the sorted batch
    int64_t at;             // packed row of `begin`
    int64_t count() const { return end - begin; }
  };

  static Tensor empty(int64_t rows, int64_t columns) { return Tensor::empty({rows, columns}, kDTypeOf<T>); }
  // The elements of an array that this call has made, and whose places it gives to threads.
  template <class Value = T>
  static Value* data(const Tensor& t) {
    return const_cast<Value*>(t.data<Value>());
  }
  const T* input(Fed::Index i) const { return std::as_const(in_[i]).template data<T>(); }
  bool additive() const { return in_[Fed::kScore].defined(); }
  Place place(int64_t t, int64_t begin, int64_t end) const {
    return {t, begin, std::min(end, packing_.rows(t)), packing_.offset(t) + begin};
  }

  AttendSequence<T> sequence(int64_t row) const {
    const int64_t b = call_.order[static_cast<size_t>(row)];
    return {.steps = call_.lengths.defined() ? std::as_const(call_.lengths).template data<int32_t>()[b] : S_,
            .units = D_,
            .features = E_,
            .keys = input(Fed::kKeys) + b * S_ * D_,
            .values = input(Fed::kValues) + b * S_ * E_,
            .score = data_or_null<T>(in_[Fed::kScore])};
  }
  // c [count, n] = a [count, k] times b [k, n], or that added to c.
  void product(int64_t count, int64_t k, int64_t n, StridedRows<const T> a, StridedRows<const T> b, StridedRows<T> c,
               bool add) const {
    multiply<T>({.m = count,
                 .n = n,
                 .k = k,
                 .a = a.at,
                 .lda = a.stride,
                 .b = b.at,
                 .ldb = b.stride,
                 .add = add,
                 .c = c.at,
                 .ldc = c.stride});
  }

  // --- forward ---

  void forward_rows(const Forward& f, int64_t begin, int64_t end) const {
    std::vector<T> room(additive() ? static_cast<size_t>(S_ * D_) : 0);
    for (int64_t t = 0; t < packing_.steps(); ++t) {
      const Place p = place(t, begin, end);
      if (p.count() <= 0) return;
      take_inputs(f, p);
      step_cell(f, p);
      read_memory(f, p, room.data());
      make_features(f, p);
    }
  }

  void take_inputs(const Forward& f, const Place& p) const {
    T* to = data(f.tape.inputs) + p.at * (F_ + O_);
    const T* x = input(Fed::kX) + p.at * F_;
    const T* fed = p.t == 0 ? input(Fed::kFed) + p.begin * O_ : f.features + (packing_.offset(p.t - 1) + p.begin) * O_;
    for (int64_t r = 0; r < p.count(); ++r, to += F_ + O_) {
      std::copy_n(x + r * F_, F_, to);
      std::copy_n(fed + r * O_, O_, to + F_);
    }
  }

  void step_cell(const Forward& f, const Place& p) const {
    const int64_t running = packing_.rows(p.t), offset = packing_.offset(p.t);
    kernels::RecurrentForward<T, E> args;
    args.packed = {.steps = 1, .batch = B_, .rows = &running, .offset = &offset};
    args.hidden = H_;
    args.input = F_ + O_;
    args.x = data(f.tape.inputs);
    args.weights = f.packed;
    args.bias_x = data_or_null<T>(in_[Fed::kBiasIh]);
    args.bias_r = data_or_null<T>(in_[Fed::kBiasHh]);
    args.initial_h = before(f.tape, 0, p.t);
    args.y = data(f.tape.history[0]);
    for (int k = 1; k < kernels_.states; ++k) {
      args.inner[k] = data(f.inner[static_cast<size_t>(k - 1)]);
      args.inner_history[k] = data(f.tape.history[static_cast<size_t>(k)]);
    }
    args.saved = data<E>(f.tape.saved);
    kernels_.forward(args, p.begin, p.end);
  }

  // State k before step t, of the sorted rows.
  const T* before(const FedTape& tape, int k, int64_t t) const {
    if (t == 0)
      return std::as_const(in_[static_cast<size_t>(Fed::kStates) + static_cast<size_t>(k)]).template data<T>();
    return data(tape.history[static_cast<size_t>(k)]) + packing_.offset(t - 1) * H_;
  }

  void read_memory(const Forward& f, const Place& p, T* room) const {
    const T* const h = data(f.tape.history[0]);
    if (additive()) ask(f, p);
    T* const joined = data(f.tape.joined);
    for (int64_t r = 0; r < p.count(); ++r) {
      const int64_t at = p.at + r;
      T* const to = joined + at * (E_ + H_);
      sequence(p.begin + r)
          .forward(1, {queries(f.tape) + at * D_, D_}, {data(f.tape.weights) + at * S_, S_}, S_, {to, E_ + H_}, room);
      std::copy_n(h + at * H_, H_, to + E_);
    }
  }

  const T* queries(const FedTape& tape) const { return data(additive() ? tape.queries : tape.history[0]); }

  void ask(const Forward& f, const Place& p) const {
    T* const to = data(f.tape.queries) + p.at * D_;
    fill(to, D_, p.count(), data_or_null<T>(in_[Fed::kQueryBias]));
    product(p.count(), H_, D_, {data(f.tape.history[0]) + p.at * H_, H_}, {f.ask, D_}, {to, D_}, true);
  }

  void make_features(const Forward& f, const Place& p) const {
    T* const made = data(f.tape.made) + p.at * O_;
    fill(made, O_, p.count(), data_or_null<T>(in_[Fed::kCombineBias]));
    product(p.count(), E_ + H_, O_, {data(f.tape.joined) + p.at * (E_ + H_), E_ + H_}, {f.combine, O_}, {made, O_},
            true);
    const auto& table = kernels::table<T>();
    table.unary(kernels::Unary::kTanh, made, made, p.count() * O_);
    if (!call_.mask.defined()) return;
    table.binary(kernels::Binary::kMul, kernels::Stretch::kNone, made,
                 std::as_const(call_.mask).template data<T>() + p.at * O_, f.features + p.at * O_, p.count() * O_);
  }

  // Rows of the bias, or of zeros.
  static void fill(T* rows, int64_t width, int64_t count, const T* bias) {
    for (int64_t r = 0; r < count; ++r, rows += width) {
      if (bias != nullptr) {
        std::copy_n(bias, width, rows);
      } else {
        std::fill_n(rows, width, T(0));
      }
    }
  }

  // --- backward ---

  void backward_rows(const Backward& b, int64_t begin, int64_t end) const {
    std::vector<T> room(additive() ? static_cast<size_t>(S_ * D_) : 0);
    for (int64_t t = packing_.steps() - 1; t >= 0; --t) {
      const Place p = place(t, begin, end);
      if (p.count() <= 0) continue;
      through_features(b, p);
      through_memory(b, p, room.data());
      through_cell(b, p);
      product(p.count(), kernels_.gates * H_, O_, {data(b.dgates) + p.at * kernels_.gates * H_, kernels_.gates * H_},
              {input(Fed::kWeightIh) + F_, F_ + O_}, {data(b.dfed) + p.begin * O_, O_}, false);
    }
    for (int64_t row = begin; row < end; ++row) memory_gradients(b, row);
  }

  // dmade, of the sum under the tanh, and dC.
  void through_features(const Backward& b, const Place& p) const {
    const T* const made = data(b.tape.made) + p.at * O_;
    const T* const given = data(b.dfeatures) + p.at * O_;
    const T* const fed = data(b.dfed) + p.begin * O_;
    const T* const mask = call_.mask.defined() ? std::as_const(call_.mask).template data<T>() + p.at * O_ : nullptr;
    T* const to = data(b.dmade) + p.at * O_;
    for (int64_t i = 0; i < p.count() * O_; ++i) {
      const T g = (given[i] + fed[i]) * (1 - made[i] * made[i]);
      to[i] = mask == nullptr ? g : g * mask[i];
    }
    product(p.count(), O_, E_ + H_, {to, O_}, {input(Fed::kCombineWeight), E_ + H_},
            {data(b.djoined) + p.at * (E_ + H_), E_ + H_}, false);
  }

  // The gradients of the scores, of the queries, and with these of h.
  void through_memory(const Backward& b, const Place& p, T* room) const {
    const bool given = b.v.has_grad(FedOut::kWeights);
    for (int64_t r = 0; r < p.count(); ++r) {
      const int64_t at = p.at + r, of = call_.order[static_cast<size_t>(p.begin + r)];
      sequence(p.begin + r)
          .backward(1, {queries(b.tape) + at * D_, D_}, {data(b.tape.weights) + at * S_, S_},
                    {data(b.djoined) + at * (E_ + H_), E_ + H_}, given, {data(b.dscores) + at * S_, S_},
                    {data(b.dqueries) + at * D_, D_}, data(b.dkeys) + of * S_ * D_,
                    additive() ? data(b.dscore) + of * D_ : nullptr, room);
    }
    T* const dy = data(b.dy) + p.at * H_;
    const T* const dh = data(b.djoined) + p.at * (E_ + H_) + E_;
    for (int64_t r = 0; r < p.count(); ++r) std::copy_n(dh + r * (E_ + H_), H_, dy + r * H_);
    const T* const dq = data(b.dqueries) + p.at * D_;
    if (additive()) {
      product(p.count(), D_, H_, {dq, D_}, {input(Fed::kQueryWeight), H_}, {dy, H_}, true);
    } else {
      kernels::table<T>().binary(kernels::Binary::kAdd, kernels::Stretch::kNone, dy, dq, dy, p.count() * H_);
    }
  }

  void through_cell(const Backward& b, const Place& p) const {
    const int64_t running = packing_.rows(p.t), offset = packing_.offset(p.t);
    kernels::RecurrentBackward<T, E> args;
    args.packed = {.steps = 1, .batch = B_, .rows = &running, .offset = &offset};
    args.hidden = H_;
    args.weights = data<E>(b.packed);
    for (int k = 0; k < kernels_.states; ++k) {
      args.initial[k] = before(b.tape, k, p.t);
      args.history[k] = data(b.tape.history[static_cast<size_t>(k)]);
      args.dstate[k] = data(b.dstates[static_cast<size_t>(k)]);
    }
    args.saved = data<E>(b.tape.saved);
    args.dy = data(b.dy);
    args.dx = data(b.dgates);
    args.dr = data(b.dr);
    kernels_.backward(args, p.begin, p.end);
  }

  // Of the memory that a row has read, from all its steps at once: their rows are brought together first.
  void memory_gradients(const Backward& b, int64_t row) const {
    int64_t steps = 0;
    while (steps < packing_.steps() && row < packing_.rows(steps)) ++steps;
    if (steps == 0) return;
    const auto gathered = [&](const T* rows, int64_t stride, int64_t width) {
      std::vector<T> all(static_cast<size_t>(steps * width));
      for (int64_t t = 0; t < steps; ++t)
        std::copy_n(rows + (packing_.offset(t) + row) * stride, width, all.data() + t * width);
      return all;
    };
    const std::vector<T> asked = additive() ? std::vector<T>() : gathered(queries(b.tape), D_, D_);
    const std::vector<T> weights = gathered(data(b.tape.weights), S_, S_), dscores = gathered(data(b.dscores), S_, S_),
                         dcontexts = gathered(data(b.djoined), E_ + H_, E_);
    const int64_t of = call_.order[static_cast<size_t>(row)];
    sequence(row).backward_memory(steps, {asked.data(), D_}, {weights.data(), S_}, {dcontexts.data(), E_},
                                  {dscores.data(), S_}, data(b.dkeys) + of * S_ * D_, data(b.dvalues) + of * S_ * E_);
  }

  // All products of all steps.
  Tensors gradients(const Backward& b) const {
    const VjpArgs& v = b.v;
    Tensors result(in_.size());
    if (v.needs(Fed::kX)) {
      result[Fed::kX] = empty(N_, F_);
      product(N_, kernels_.gates * H_, F_, {data(b.dgates), kernels_.gates * H_}, {input(Fed::kWeightIh), F_ + O_},
              {data(result[Fed::kX]), F_}, false);
    }
    if (v.needs(Fed::kWeightIh)) result[Fed::kWeightIh] = matmul(b.dgates, b.tape.inputs, {.trans_a = true});
    if (v.needs(Fed::kWeightHh)) {
      const Tensor before = packing_.previous_states(b.tape.history[0], in_[Fed::kStates], false);
      result[Fed::kWeightHh] = matmul(b.dr, before, {.trans_a = true});
    }
    if (v.needs(Fed::kBiasIh)) result[Fed::kBiasIh] = sum(b.dgates, 0);
    if (v.needs(Fed::kBiasHh)) result[Fed::kBiasHh] = sum(b.dr, 0);
    result[Fed::kFed] = b.dfed;
    result[Fed::kKeys] = b.dkeys;
    result[Fed::kValues] = b.dvalues;
    if (additive()) {
      result[Fed::kQueryWeight] = matmul(b.dqueries, b.tape.history[0], {.trans_a = true});
      result[Fed::kQueryBias] = sum(b.dqueries, 0);
      result[Fed::kScore] = sum(b.dscore, 0);
    }
    result[Fed::kCombineWeight] = matmul(b.dmade, b.tape.joined, {.trans_a = true});
    result[Fed::kCombineBias] = sum(b.dmade, 0);
    for (size_t k = 0; k < b.dstates.size(); ++k) result[Fed::kStates + k] = b.dstates[k];
    return result;
  }

  const Tensors& in_;
  const FedCall& call_;
  const Packing& packing_;
  const kernels::RecurrentKernels<T, E>& kernels_;
  int64_t F_, H_, O_, E_, D_, S_, N_, B_;
};

template <class T, class E>
Tensors fused_fed(const Tensors& inputs, const FedCall& call) {
  FedTape tape;
  Tensors outputs = FedLoop<T, E>(inputs, call).forward(tape);
  if (!autograd::recording() || !autograd::any_requires_grad(inputs)) return outputs;
  struct Kept {
    FedCall call;
    FedTape tape;
  };
  tape.weights = tape.weights.detach();
  tape.made = tape.made.detach();
  for (Tensor& state : tape.history) state = state.detach();
  const auto kept = std::make_shared<const Kept>(Kept{call, std::move(tape)});
  return record_with_twin(
      "fed_loop", inputs, std::move(outputs),
      [kept](const Tensors& in, const VjpArgs& v) { return FedLoop<T, E>(in, kept->call).backward(v, kept->tape); },
      [kept](const Tensors& in) {
        return outputs_of(run_composed_fed_loop(input_of(in, kept->call), kept->call.packing));
      });
}

std::vector<int32_t> order_of(const Packing& packing) {
  std::vector<int32_t> numbers(static_cast<size_t>(packing.batch()));
  std::iota(numbers.begin(), numbers.end(), 0);
  const Tensor sorted = packing.sort(Tensor::from(numbers, {packing.batch()}));
  const auto values = sorted.values<int32_t>();
  return {values.begin(), values.end()};
}

}  // namespace

bool can_feed(const Cell& cell, const LayerParameters& p, DType dtype) {
  const bool plain = !p.projection.defined() && !p.norm_ih.defined() && !p.unit_weights.defined();
  if (dtype == DType::kF32) return plain && cell.f32.forward != nullptr;
  return plain && dtype == DType::kF64 && cell.f64.forward != nullptr;
}

FedLoopOutput run_fed_loop(const FedLoopInput& input, const Packing& packing) {
  const Tensors inputs = inputs_of(input);
  const FedCall call{input.cell, packing, input.memory.lengths, input.mask, order_of(packing)};
  if (packing.packed_rows() == 0) return run_composed_fed_loop(input, packing);
  return output_of(input.x.dtype() == DType::kF64            ? fused_fed<double, double>(inputs, call)
                   : product_precision() == Precision::kBf16 ? fused_fed<float, bf16>(inputs, call)
                                                             : fused_fed<float, float>(inputs, call));
}

FedLoopOutput run_composed_fed_loop(const FedLoopInput& in, const Packing& packing) {
  const int64_t B = packing.batch();
  const AttendMemory sorted{packing.sort(in.memory.keys), packing.sort(in.memory.values),
                            in.memory.lengths.defined() ? packing.sort(in.memory.lengths) : Tensor()};
  const LayerOptions options{.cell = in.cell};
  Tensors state = in.states, features, weights;
  state.push_back(in.fed);
  std::vector<Tensors> ended(state.size());  // the last states of rows, later rows first
  const auto end_rows = [&](int64_t from, int64_t to) {
    for (size_t k = 0; from < to && k < state.size(); ++k) ended[k].insert(ended[k].begin(), rows(state[k], from, to));
  };
  end_rows(packing.steps() == 0 ? 0 : packing.rows(0), B);
  for (int64_t t = 0; t < packing.steps(); ++t) {
    const int64_t n = packing.rows(t), at = packing.offset(t);
    for (Tensor& part : state) part = rows(part, 0, n);
    const Tensor fed = state.back();
    state.pop_back();
    const Tensor x = concat({rows(in.x, at, at + n), fed}, 1);
    state = run_composed_step(project_input(x, in.rnn), {}, state, in.rnn, options);
    const Tensor query = in.score.defined() ? linear(state[0], in.query_weight, in.query_bias) : state[0];
    const Tensors read = attend(reshape(query, {1, n, query.size(1)}),
                                {rows(sorted.keys, 0, n), rows(sorted.values, 0, n),
                                 sorted.lengths.defined() ? rows(sorted.lengths, 0, n) : Tensor()},
                                in.score);
    Tensor made = tanh(linear(concat({row(read[0], 0), state[0]}, 1), in.combine_weight, in.combine_bias));
    if (in.mask.defined()) made = made * rows(in.mask, at, at + n);
    features.push_back(made);
    weights.push_back(row(read[1], 0));
    state.push_back(made);
    end_rows(t + 1 < packing.steps() ? packing.rows(t + 1) : 0, n);
  }
  FedLoopOutput out;
  const DType dtype = in.x.dtype();
  out.features = features.empty() ? Tensor::zeros({0, in.combine_weight.size(0)}, dtype) : concat(features, 0);
  out.weights = weights.empty() ? Tensor::zeros({0, in.memory.keys.size(1)}, dtype) : concat(weights, 0);
  out.fed = concat(ended.back(), 0);
  for (size_t k = 0; k + 1 < ended.size(); ++k) out.states.push_back(concat(ended[k], 0));
  return out;
}

}  // namespace recur
