#include "recur/nn/crf_partition.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "recur/ops/binary.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/matmul.h"
#include "recur/ops/precision.h"
#include "recur/ops/product.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

enum CrfInput : size_t { kEmissions, kTransitions, kStart, kEnd };

// exp(score - shift), where the shift is the largest score; returns it.
template <class T, class To>
double exponentials(std::span<const T> scores, To* to) {
  const auto shift = static_cast<double>(*std::ranges::max_element(scores));
  for (const T score : scores) *to++ = static_cast<To>(std::exp(static_cast<double>(score) - shift));
  return shift;
}

// The exponentials of a parameter, of its dtype, and their shift.
struct Factors {
  template <class T>
  static Factors of(const Tensor& scores) {
    Factors made{Tensor::empty(scores.shape(), kDTypeOf<T>)};
    made.shift = exponentials(scores.values<T>(), made.values.data<T>());
    return made;
  }

  Tensor values;
  double shift = 0;
};

// What the forward algorithm leaves for the backward one. Of every step [T, B, C]: the exponentials of the emissions,
// f64; the probability of each label given the steps so far, of the emissions' dtype, 0 in the padding. Of every step
// [T, B] the sum that these were divided by, f64.
struct CrfPass {
  Factors transitions, start, end;
  Tensor emitted, forward, sums;
};

// The algorithms on one batch. Steps go one after the other; of each, a product serves all sequences. What is
// multiplied label by label is multiplied in f64, since a probability and an emission may both be near the least f32.
template <class T>
class CrfLattice {
 public:
  CrfLattice(CrfPass& pass, const std::vector<int64_t>& lengths)
      : pass_(pass),
        lengths_(lengths),
        steps_(pass.emitted.size(0)),
        batch_(pass.emitted.size(1)),
        labels_(pass.emitted.size(2)),
        start_(pass.start.values.data<T>()),
        end_(pass.end.values.data<T>()),
        forward_(pass.forward.data<T>()),
        emitted_(pass.emitted.data<double>()),
        sums_(pass.sums.data<double>()) {}

  void run_forward(const T* scores, T* logarithms) const {
    std::vector<double> total(static_cast<size_t>(batch_), pass_.start.shift + pass_.end.shift);
    for (int64_t t = 0; t < steps_; ++t) {
      if (t > 0) multiply<T>(product(false, forward_ + at(t - 1, 0), forward_ + at(t, 0)));
      for (int64_t b = 0; b < batch_; ++b) {
        if (t >= length(b)) {
          std::fill_n(forward_ + at(t, b), labels_, T(0));
          continue;
        }
        const std::span<const T> own(scores + at(t, b), static_cast<size_t>(labels_));
        double& logarithm = total[static_cast<size_t>(b)];
        logarithm += exponentials(own, emitted_ + at(t, b));
        if (t > 0) logarithm += pass_.transitions.shift;
        logarithm += std::log(scale_step(t, b));
      }
    }
    for (int64_t b = 0; b < batch_; ++b)
      logarithms[b] = length(b) == 0 ? T(0) : static_cast<T>(total[static_cast<size_t>(b)] + std::log(sum_at_end(b)));
  }

  // Puts `scale` [B] times the probability of each label, which is the gradient of its emission, into `emissions` [T,
  // B, C], adds those of the first and last steps to `start` and `end` [C], and puts into `ways` [T, B, C] what gives
  // the gradient of the transitions, once multiplied by the forward probabilities of the step before.
  void run_backward(const T* scale, T* emissions, T* start, T* end, T* ways) const {
    std::vector<T> left(static_cast<size_t>(batch_ * labels_));  // forward times `left` adds up to 1
    for (int64_t t = steps_ - 1; t >= 0; --t) {
      for (int64_t b = 0; b < batch_; ++b) {
        T *const ahead = left.data() + b * labels_, *const to = emissions + at(t, b);
        if (t >= length(b)) continue;
        if (t + 1 == length(b)) std::copy_n(end_, labels_, ahead);
        normalize(forward_ + at(t, b), ahead);
        step_back(t, b, ahead, ways + at(t, b));
        for (int64_t c = 0; c < labels_; ++c) {
          to[c] = scale[b] * forward_[at(t, b) + c] * ahead[c];
          if (t == 0) start[c] += to[c];
          if (t + 1 == length(b)) end[c] += to[c];
        }
      }
      if (t > 0) multiply<T>(product(true, ways + at(t, 0), left.data()));
    }
    for (int64_t t = 0; t < steps_; ++t)
      for (int64_t b = 0; b < batch_; ++b)
        for (int64_t c = 0; c < labels_; ++c) ways[at(t, b) + c] *= scale[b];
  }

  // The gradient of the transitions [C, C].
  Tensor transitions(const T* ways) const {
    Tensor result = Tensor::zeros({labels_, labels_}, kDTypeOf<T>);
    if (steps_ < 2) return result;
    multiply<T>({.trans_a = true,
                 .m = labels_,
                 .n = labels_,
                 .k = (steps_ - 1) * batch_,
                 .a = forward_,
                 .lda = labels_,
                 .b = ways + at(1, 0),
                 .ldb = labels_,
                 .c = result.data<T>(),
                 .ldc = labels_});
    return result * pass_.transitions.values;
  }

 private:
  int64_t length(int64_t b) const { return lengths_.empty() ? steps_ : lengths_[static_cast<size_t>(b)]; }
  int64_t at(int64_t t, int64_t b) const { return (t * batch_ + b) * labels_; }
  // Rows of the batch by the transitions or, to go backwards, by these transposed.
  kernels::Gemm<T> product(bool transposed, const T* from, T* to) const {
    return {.trans_b = transposed,
            .m = batch_,
            .n = labels_,
            .k = labels_,
            .a = from,
            .lda = labels_,
            .b = std::as_const(pass_.transitions.values).template data<T>(),
            .ldb = labels_,
            .c = to,
            .ldc = labels_};
  }
  // With the emissions, what came from the step before becomes probabilities. Returns their sum.
  double scale_step(int64_t t, int64_t b) const {
    T* const now = forward_ + at(t, b);
    const double* emitted = emitted_ + at(t, b);
    if (t == 0) std::copy_n(start_, labels_, now);
    double sum = 0;
    for (int64_t c = 0; c < labels_; ++c) sum += static_cast<double>(now[c]) * emitted[c];
    for (int64_t c = 0; c < labels_; ++c) now[c] = sum > 0 ? static_cast<T>(now[c] * emitted[c] / sum) : T(0);
    return sums_[t * batch_ + b] = sum;
  }
  double sum_at_end(int64_t b) const {
    const T* now = forward_ + at(length(b) - 1, b);
    double sum = 0;
    for (int64_t c = 0; c < labels_; ++c) sum += static_cast<double>(now[c]) * end_[c];
    return sum;
  }
  // Makes forward times `ahead` add up to 1, as it would without rounding.
  void normalize(const T* forward, T* ahead) const {
    double sum = 0;
    for (int64_t c = 0; c < labels_; ++c) sum += static_cast<double>(forward[c]) * ahead[c];
    for (int64_t c = 0; c < labels_; ++c) ahead[c] = sum > 0 ? bounded(ahead[c] / sum) : T(0);
  }
  // A label whose forward probability is 0 is on no way that counts, whatever is ahead of it.
  void step_back(int64_t t, int64_t b, const T* ahead, T* way) const {
    const T* now = forward_ + at(t, b);
    const double sum = sums_[t * batch_ + b];
    for (int64_t c = 0; c < labels_; ++c) way[c] = now[c] > 0 ? bounded(emitted_[at(t, b) + c] * ahead[c] / sum) : T(0);
  }
  // Where the forward probability is near the least f32, what it is multiplied by may be above the largest.
  static T bounded(double x) { return static_cast<T>(std::min(x, static_cast<double>(kMost))); }
  static constexpr T kMost = std::numeric_limits<T>::max() / 1024;

  const CrfPass& pass_;
  const std::vector<int64_t>& lengths_;
  int64_t steps_, batch_, labels_;
  const T *start_, *end_;
  T* forward_;
  double *emitted_, *sums_;
};

template <class T>
CrfPass empty_pass(const Tensors& in) {
  const Shape& shape = in[kEmissions].shape();
  return {.transitions = Factors::of<T>(in[kTransitions]),
          .start = Factors::of<T>(in[kStart]),
          .end = Factors::of<T>(in[kEnd]),
          .emitted = Tensor::empty(shape, DType::kF64),
          .forward = Tensor::empty(shape, kDTypeOf<T>),
          .sums = Tensor::empty({shape[0], shape[1]}, DType::kF64)};
}

template <class T>
Tensors crf_gradients(CrfPass pass, const std::vector<int64_t>& lengths, const autograd::VjpArgs& v) {
  const ProductPrecision full(Precision::kFull);
  const Shape& shape = pass.emitted.shape();
  const CrfLattice<T> lattice(pass, lengths);
  Tensor emissions = Tensor::zeros(shape, kDTypeOf<T>), ways = Tensor::zeros(shape, kDTypeOf<T>);
  Tensor start = Tensor::zeros({shape[2]}, kDTypeOf<T>), end = Tensor::zeros({shape[2]}, kDTypeOf<T>);
  const Tensor scale = v.grad();
  lattice.run_backward(scale.data<T>(), emissions.data<T>(), start.data<T>(), end.data<T>(), ways.data<T>());
  return {emissions, v.needs(kTransitions) ? lattice.transitions(ways.data<T>()) : Tensor(), start, end};
}

}  // namespace

Tensor crf_log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths, const CrfTensors& crf) {
  const int64_t steps = emissions.size(0), batch = emissions.size(1);
  if (steps == 0 || batch == 0) return Tensor::zeros({batch}, emissions.dtype());
  const ProductPrecision full(Precision::kFull);
  const Tensors inputs{emissions, crf.transitions, crf.start, crf.end};
  Tensor sums = Tensor::empty({batch}, emissions.dtype());
  const CrfPass pass = dispatch_float("crf_log_partition", emissions.dtype(), [&](auto zero) {
    using T = decltype(zero);
    CrfPass made = empty_pass<T>(inputs);
    CrfLattice<T>(made, lengths).run_forward(emissions.data<T>(), sums.data<T>());
    return made;
  });
  return record_with_twin(
      "crf_log_partition", inputs, {std::move(sums)},
      [lengths, pass](const Tensors& in, const autograd::VjpArgs& v) {
        return dispatch_float("crf_log_partition", in[kEmissions].dtype(),
                              [&](auto zero) { return crf_gradients<decltype(zero)>(pass, lengths, v); });
      },
      [lengths](const Tensors& in) {
        const ProductPrecision full(Precision::kFull);
        return Tensors{composed_crf_log_partition(in[kEmissions], lengths, {in[kTransitions], in[kStart], in[kEnd]})};
      })[0];
}

// A row of probabilities, shifted by its largest, is multiplied by exp(transitions): one small product a step instead
// of [B, C, C] exponentials. The shifts are added up by themselves, so that what is added to them keeps its precision.
Tensor composed_crf_log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths, const CrfTensors& crf) {
  const int64_t steps = emissions.size(0), batch = emissions.size(1);
  if (steps == 0) return Tensor::zeros({batch}, emissions.dtype());
  const auto mark = [&](const auto& is_so) {
    Tensor marks = Tensor::zeros({batch}, DType::kI32);
    for (int64_t b = 0; b < batch; ++b)
      marks.data<int32_t>()[b] = is_so(lengths.empty() ? steps : lengths[static_cast<size_t>(b)]);
    return marks;
  };
  const Tensor factors = exp(crf.transitions);
  Tensor alpha = row(emissions, 0) + crf.start, shift = Tensor::zeros({batch}, emissions.dtype());
  for (int64_t t = 1; t < steps; ++t) {
    const Tensor top = max(alpha.detach(), 1, true);
    const Tensor next = log(matmul(exp(alpha - top), factors)) + row(emissions, t);
    const Tensor running = mark([&](int64_t length) { return t < length; });
    alpha = where(reshape(running, {batch, 1}), next, alpha);
    shift = where(running, shift + reshape(top, {batch}), shift);
  }
  return masked_fill(logsumexp(alpha + crf.end, 1) + shift, mark([](int64_t length) { return length == 0; }), 0);
}

}  // namespace recur
