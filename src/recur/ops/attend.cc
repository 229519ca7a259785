#include "recur/ops/attend.h"

#include <algorithm>
#include <vector>

#include "recur/autograd/trace.h"
#include "recur/base/error.h"
#include "recur/base/threads.h"
#include "recur/ops/attend_sequence.h"
#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"
#include "recur/tensor/data_or_null.h"

namespace recur {
namespace {

enum AttendInput { kAttendQuery, kAttendKeys, kAttendValues, kAttendScore };

// Lower than any score, and finite: where all is padding the weights are equal before they are set to 0.
constexpr double kPaddingScore = -1e30;

void check(const Tensors& in, const Tensor& lengths) {
  const Tensor &query = in[kAttendQuery], &keys = in[kAttendKeys], &values = in[kAttendValues],
               &score = in[kAttendScore];
  const bool fits = query.rank() == 3 && keys.rank() == 3 && values.rank() == 3 && query.size(1) == keys.size(0) &&
                    query.size(2) == keys.size(2) && values.size(0) == keys.size(0) && values.size(1) == keys.size(1);
  if (!fits) {
    fail("attend: query {}, keys {} and values {} do not fit", query.shape().str(), keys.shape().str(),
         values.shape().str());
  }
  if (keys.size(1) < 1) fail("attend: keys: expected at least one step");
  if (score.defined() && score.shape() != Shape{keys.size(2)}) {
    fail("attend: score: expected [{}], got {}", keys.size(2), score.shape().str());
  }
  if (!lengths.defined()) return;
  if (lengths.shape() != Shape{keys.size(0)} || lengths.dtype() != DType::kI32) {
    fail("attend: lengths: expected i32 [{}], got {} {}", keys.size(0), name_of(lengths.dtype()),
         lengths.shape().str());
  }
  for (const int32_t length : lengths.values<int32_t>()) {
    if (length < 0 || length > keys.size(1)) {
      fail("attend: length: expected 0 .. {}, got {}", keys.size(1), length);
    }
  }
}

// 1 behind the end of each sequence, [B, 1, S].
Tensor padding_of(const Tensor& lengths, int64_t steps, DType dtype) {
  const Tensor there = less(reshape(arange(steps, dtype), {1, 1, steps}), reshape(cast(lengths, dtype), {-1, 1, 1}));
  return equal(there, filled({}, 0, dtype));
}

Tensors composed(const Tensors& in, const Tensor& lengths) {
  const Tensor query = transpose(in[kAttendQuery], 0, 1);  // [B, Q, D]
  const Tensor &keys = in[kAttendKeys], &score = in[kAttendScore];
  Tensor scores;
  if (score.defined()) {
    const int64_t B = query.size(0), Q = query.size(1), S = keys.size(1), D = keys.size(2);
    scores = sum(tanh(reshape(query, {B, Q, 1, D}) + reshape(keys, {B, 1, S, D})) * score, -1);
  } else {
    scores = matmul(query, keys, {.trans_b = true});
  }
  const Tensor padding = lengths.defined() ? padding_of(lengths, keys.size(1), query.dtype()) : Tensor();
  Tensor weights = softmax(padding.defined() ? masked_fill(scores, padding, kPaddingScore) : scores);
  if (padding.defined()) weights = masked_fill(weights, padding, 0);
  return {transpose(matmul(weights, in[kAttendValues]), 0, 1), transpose(weights, 0, 1)};
}

template <class T>
class FusedAttend {
 public:
  FusedAttend(const Tensors& in, const Tensor& lengths)
      : in_(in),
        lengths_(lengths),
        Q_(in[kAttendQuery].size(0)),
        B_(in[kAttendQuery].size(1)),
        D_(in[kAttendQuery].size(2)),
        S_(in[kAttendKeys].size(1)),
        E_(in[kAttendValues].size(2)) {}

  Tensors forward() const {
    Tensor context = Tensor::empty({Q_, B_, E_}, kDTypeOf<T>), weights = Tensor::empty({Q_, B_, S_}, kDTypeOf<T>);
    T *const to = context.data<T>(), *const w = weights.data<T>();
    for_each_sequence([&](int64_t b, std::vector<T>& room) {
      sequence(b).forward(Q_, query(b), {w + b * S_, B_ * S_}, S_, {to + b * E_, B_ * E_}, room.data());
    });
    return {context, weights};
  }

  // weights: what forward() gave.
  Tensors backward(const autograd::VjpArgs& v, const Tensor& weights) const {
    const bool given = v.has_grad(1);
    const Tensor dcontext = v.has_grad(0) ? v.grad(0) : Tensor::zeros({Q_, B_, E_}, kDTypeOf<T>);
    Tensor dweights = given ? v.grad(1).clone() : Tensor::empty({Q_, B_, S_}, kDTypeOf<T>);
    const auto zeros = [&](AttendInput i) { return Tensor::zeros(in_[i].shape(), kDTypeOf<T>); };
    Tensor dquery = Tensor::empty(in_[kAttendQuery].shape(), kDTypeOf<T>), dkeys = zeros(kAttendKeys),
           dvalues = v.needs(kAttendValues) ? zeros(kAttendValues) : Tensor();
    // Of each sequence, so that the order of the sum does not depend on threads.
    Tensor dscore = scored() ? Tensor::zeros({B_, D_}, kDTypeOf<T>) : Tensor();
    T *const dw = dweights.data<T>(), *const dq = dquery.data<T>(), *const dk = dkeys.data<T>();
    T *const dv = data_or_null<T>(dvalues), *const ds = data_or_null<T>(dscore);
    const T *const dc = dcontext.data<T>(), *const w = weights.data<T>();
    for_each_sequence([&](int64_t b, std::vector<T>& room) {
      const StridedRows<const T> own{w + b * S_, B_ * S_}, of_context{dc + b * E_, B_ * E_};
      const StridedRows<T> of_scores{dw + b * S_, B_ * S_};
      T* const of_keys = dk + b * S_ * D_;
      const auto s = sequence(b);
      s.backward(Q_, query(b), own, of_context, given, of_scores, {dq + b * D_, B_ * D_}, of_keys,
                 ds == nullptr ? nullptr : ds + b * D_, room.data());
      s.backward_memory(Q_, query(b), own, of_context, {of_scores.at, of_scores.stride}, of_keys,
                        dv == nullptr ? nullptr : dv + b * S_ * E_);
    });
    return {dquery, dkeys, dvalues, scored() ? sum(dscore, 0) : Tensor()};
  }

 private:
  bool scored() const { return in_[kAttendScore].defined(); }
  StridedRows<const T> query(int64_t b) const { return {in_[kAttendQuery].data<T>() + b * D_, B_ * D_}; }
  AttendSequence<T> sequence(int64_t b) const {
    return {.steps = lengths_.defined() ? lengths_.data<int32_t>()[b] : S_,
            .units = D_,
            .features = E_,
            .keys = in_[kAttendKeys].data<T>() + b * S_ * D_,
            .values = in_[kAttendValues].data<T>() + b * S_ * E_,
            .score = data_or_null<T>(in_[kAttendScore])};
  }

  template <class F>
  void for_each_sequence(const F& f) const {
    parallel_for(B_, 4, [&](int64_t begin, int64_t end) {
      std::vector<T> room(scored() ? static_cast<size_t>(S_ * D_) : 0);
      for (int64_t b = begin; b < end; ++b) f(b, room);
    });
  }

  const Tensors& in_;
  const Tensor& lengths_;
  int64_t Q_, B_, D_, S_, E_;
};

}  // namespace

Tensors attend(const Tensor& query, const AttendMemory& memory, const Tensor& score) {
  const Tensors inputs{query, memory.keys, memory.values, score};
  const Tensor& lengths = memory.lengths;
  if (Trace* trace = tracing()) {
    return trace->op_with_twin(
        "attend", {query, memory.keys, memory.values, lengths, score}, {}, [&] { return attend(query, memory, score); },
        [&] { return composed(inputs, lengths); });
  }
  check(inputs, lengths);
  const DType dtype = query.dtype();
  const bool one_dtype =
      memory.keys.dtype() == dtype && memory.values.dtype() == dtype && (!score.defined() || score.dtype() == dtype);
  if (!one_dtype || (dtype != DType::kF32 && dtype != DType::kF64)) return composed(inputs, lengths);
  const Tensors outputs = dispatch_float(
      "attend", dtype, [&](auto zero) { return FusedAttend<decltype(zero)>(inputs, lengths).forward(); });
  return record_with_twin(
      "attend", inputs, outputs,
      [lengths, weights = outputs[1].detach()](const Tensors& in, const autograd::VjpArgs& v) {
        return dispatch_float("attend", in[kAttendQuery].dtype(),
                              [&](auto zero) { return FusedAttend<decltype(zero)>(in, lengths).backward(v, weights); });
      },
      [lengths](const Tensors& in) { return composed(in, lengths); });
}

}  // namespace recur
