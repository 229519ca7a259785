#include "recur/nn/crf_partition.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "recur/base/threads.h"
#include "recur/ops/binary.h"
#include "recur/ops/fused_op.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

enum Input : size_t { kEmissions, kTransitions, kStart, kEnd };

constexpr int64_t kSequencesAtATime = 4;

int64_t steps_of(const std::vector<int64_t>& lengths, int64_t b, int64_t steps) {
  return lengths.empty() ? steps : lengths[static_cast<size_t>(b)];
}

// exp(x - shift) of scores, and the shift, their largest.
struct Factors {
  template <class T>
  explicit Factors(std::span<const T> scores) : values(scores.size()) {
    shift = fill(scores, values);
  }

  template <class T>
  static double fill(std::span<const T> scores, std::span<double> to) {
    const auto largest = static_cast<double>(*std::ranges::max_element(scores));
    for (size_t i = 0; i < scores.size(); ++i) to[i] = std::exp(static_cast<double>(scores[i]) - largest);
    return largest;
  }

  std::vector<double> values;
  double shift = 0;
};

struct CrfFactors {
  template <class T>
  static CrfFactors of(const Tensors& in) {
    return {Factors(in[kTransitions].values<T>()), Factors(in[kStart].values<T>()), Factors(in[kEnd].values<T>())};
  }
  Factors transitions, start, end;
};

// Of every step the factors of its emissions, and `forward`, the probability of each label given the steps so far: both
// [T, B, C]. `sums` [T, B]: what the products were divided by to add up to 1.
struct Passed {
  Tensor emitted, forward, sums;
};

// sum_p from[p] matrix[p, c]
void multiply(std::span<const double> from, std::span<const double> matrix, std::span<double> to) {
  std::ranges::fill(to, 0);
  for (size_t p = 0; p < from.size(); ++p) {
    const double* row = matrix.data() + p * to.size();
    for (size_t c = 0; c < to.size(); ++c) to[c] += from[p] * row[c];
  }
}

// One batch, as arrays.
template <class T>
class Lattice {
 public:
  Lattice(const Tensors& in, const std::vector<int64_t>& lengths, Passed& passed)
      : steps_(in[kEmissions].size(0)),
        batch_(in[kEmissions].size(1)),
        labels_(in[kEmissions].size(2)),
        emissions_(in[kEmissions].data<T>()),
        lengths_(lengths),
        factors_(CrfFactors::of<T>(in)),
        emitted_(passed.emitted.data<double>()),
        forward_(passed.forward.data<double>()),
        sums_(passed.sums.data<double>()) {}

  // The forward algorithm on one sequence: the logarithm of the sum.
  double sum_of(int64_t b) {
    const int64_t length = steps_of(lengths_, b, steps_);
    if (length == 0) return 0;
    double logarithm = factors_.start.shift + factors_.end.shift;
    for (int64_t t = 0; t < length; ++t) {
      const std::span<double> emitted = at(emitted_, t, b), now = at(forward_, t, b);
      logarithm += Factors::fill(std::span<const T>(emissions_ + (t * batch_ + b) * labels_, emitted.size()), emitted);
      if (t == 0) {
        std::ranges::copy(factors_.start.values, now.begin());
      } else {
        multiply(at(forward_, t - 1, b), factors_.transitions.values, now);
        logarithm += factors_.transitions.shift;
      }
      double sum = 0;
      for (size_t c = 0; c < now.size(); ++c) sum += now[c] *= emitted[c];
      for (double& each : now) each /= sum;
      sums_[t * batch_ + b] = sum;
      logarithm += std::log(sum);
    }
    return logarithm + std::log(ending(b, length));
  }

  // The backward algorithm: `scale` times the probability of each label of one sequence, which is the gradient of its
  // emissions, and what it adds to the gradients of the CRF.
  void gradients(int64_t b, double scale, T* emissions, std::span<double> transitions, std::span<double> start,
                 std::span<double> end) const {
    const int64_t length = steps_of(lengths_, b, steps_);
    if (length == 0) return;
    const auto size = static_cast<size_t>(labels_);
    // backward[c]: what is left of the sum with label c at step t, so that forward times backward adds up to 1.
    std::vector<double> backward = factors_.end.values, next(size);
    const double last = ending(b, length);
    for (double& each : backward) each /= last;
    for (int64_t t = length - 1; t >= 0; --t) {
      const std::span<double> now = at(forward_, t, b), emitted = at(emitted_, t, b);
      T* const to = emissions + (t * batch_ + b) * labels_;
      for (size_t c = 0; c < size; ++c) {
        const double probability = scale * now[c] * backward[c];
        to[c] = static_cast<T>(probability);
        if (t == 0) start[c] += probability;
        if (t + 1 == length) end[c] += probability;
      }
      if (t == 0) break;
      const double sum = sums_[t * batch_ + b];
      for (size_t c = 0; c < size; ++c) next[c] = emitted[c] * backward[c] / sum;
      const std::span<double> before = at(forward_, t - 1, b);
      for (size_t p = 0; p < size; ++p) {
        const double *factor = factors_.transitions.values.data() + p * size, share = scale * before[p];
        double* const added = transitions.data() + p * size;
        double rest = 0;
        for (size_t c = 0; c < size; ++c) {
          const double way = factor[c] * next[c];
          rest += way;
          added[c] += share * way;
        }
        backward[p] = rest;
      }
    }
  }

 private:
  std::span<double> at(double* array, int64_t t, int64_t b) const {
    return {array + (t * batch_ + b) * labels_, static_cast<size_t>(labels_)};
  }
  double ending(int64_t b, int64_t length) const {
    const std::span<double> last = at(forward_, length - 1, b);
    double sum = 0;
    for (size_t c = 0; c < last.size(); ++c) sum += last[c] * factors_.end.values[c];
    return sum;
  }

  int64_t steps_, batch_, labels_;
  const T* emissions_;
  const std::vector<int64_t>& lengths_;
  CrfFactors factors_;
  double *emitted_, *forward_, *sums_;
};

template <class T>
Tensor forward_pass(const Tensors& in, const std::vector<int64_t>& lengths, Passed& passed) {
  const int64_t batch = in[kEmissions].size(1);
  Lattice<T> lattice(in, lengths, passed);
  Tensor result = Tensor::empty({batch}, kDTypeOf<T>);
  T* to = result.data<T>();
  parallel_for(batch, kSequencesAtATime, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; ++b) to[b] = static_cast<T>(lattice.sum_of(b));
  });
  return result;
}

// Each chunk of sequences has its share of the CRF's gradients; the shares are then added in order.
template <class T>
Tensors backward_pass(const Tensors& in, const std::vector<int64_t>& lengths, Passed passed, const Tensor& g) {
  const int64_t batch = in[kEmissions].size(1), labels = in[kEmissions].size(2);
  const int64_t chunks = (batch + kSequencesAtATime - 1) / kSequencesAtATime, size = labels * (labels + 2);
  const Lattice<T> lattice(in, lengths, passed);
  Tensor emissions = Tensor::zeros(in[kEmissions].shape(), kDTypeOf<T>);
  Tensor shares = Tensor::zeros({chunks, size}, DType::kF64);
  T* const to = emissions.data<T>();
  double* const share = shares.data<double>();
  const T* const scale = g.data<T>();
  parallel_for(batch, kSequencesAtATime, [&](int64_t begin, int64_t end) {
    double* const own = share + begin / kSequencesAtATime * size;
    const auto part = [&](int64_t at, int64_t count) { return std::span(own + at, static_cast<size_t>(count)); };
    for (int64_t b = begin; b < end; ++b)
      lattice.gradients(b, static_cast<double>(scale[b]), to, part(0, labels * labels), part(labels * labels, labels),
                        part(labels * (labels + 1), labels));
  });
  const Tensor all = sum(shares, 0).clone(kDTypeOf<T>);
  return {emissions, all.alias(0, {labels, labels}), all.alias(labels * labels, {labels}),
          all.alias(labels * (labels + 1), {labels})};
}

CrfTensors crf_of(const Tensors& in) { return {in[kTransitions], in[kStart], in[kEnd]}; }

}  // namespace

Tensor crf_log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths, const CrfTensors& crf) {
  const int64_t steps = emissions.size(0), batch = emissions.size(1), labels = emissions.size(2);
  if (steps == 0) return Tensor::zeros({batch}, emissions.dtype());
  const Tensors inputs{emissions, crf.transitions, crf.start, crf.end};
  Passed passed{Tensor::empty({steps, batch, labels}, DType::kF64), Tensor::empty({steps, batch, labels}, DType::kF64),
                Tensor::empty({steps, batch}, DType::kF64)};
  Tensor sums = dispatch_float("crf_log_partition", emissions.dtype(),
                               [&](auto zero) { return forward_pass<decltype(zero)>(inputs, lengths, passed); });
  return record_with_twin(
      "crf_log_partition", inputs, {std::move(sums)},
      [lengths, passed](const Tensors& in, const autograd::VjpArgs& v) {
        return dispatch_float("crf_log_partition", in[kEmissions].dtype(),
                              [&](auto zero) { return backward_pass<decltype(zero)>(in, lengths, passed, v.grad()); });
      },
      [lengths](const Tensors& in) {
        return Tensors{composed_crf_log_partition(in[kEmissions], lengths, crf_of(in))};
      })[0];
}

// A row of probabilities, shifted by its largest, is multiplied by exp(transitions): one small product a step instead
// of [B, C, C] exponentials. The shifts are added up by themselves, so that what is added to them keeps its precision.
Tensor composed_crf_log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths, const CrfTensors& crf) {
  const int64_t steps = emissions.size(0), batch = emissions.size(1);
  if (steps == 0) return Tensor::zeros({batch}, emissions.dtype());
  const auto mark = [&](const auto& is_so) {
    Tensor marks = Tensor::zeros({batch}, DType::kI32);
    for (int64_t b = 0; b < batch; ++b) marks.data<int32_t>()[b] = is_so(steps_of(lengths, b, steps));
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
