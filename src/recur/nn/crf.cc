#include "recur/nn/crf.h"

#include <algorithm>
#include <span>

#include "recur/autograd/grad.h"
#include "recur/autograd/trace.h"
#include "recur/nn/crf_twin.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/embedding.h"
#include "recur/ops/gather.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur {
namespace {

int64_t length_of(const std::vector<int64_t>& lengths, int64_t b, int64_t steps) {
  return lengths.empty() ? steps : lengths[b];
}

// Viterbi's algorithm for one sequence.
struct Viterbi {
  std::span<const float> transitions, start, end;  // [C, C], [C], [C]
  int64_t labels;

  // emission(t, c) gives the score of a label at a step.
  template <class Emission>
  std::vector<int32_t> operator()(int64_t length, Emission&& emission) const {
    if (length == 0) return {};
    std::vector<float> best(start.begin(), start.end()), next(best.size());
    std::vector<int32_t> from(static_cast<size_t>(length * labels));
    for (int64_t c = 0; c < labels; ++c) best[c] += emission(0, c);
    for (int64_t t = 1; t < length; ++t) {
      // Only differences count. With the best at 0, sums over long sequences lose no digits.
      const float top = *std::ranges::max_element(best);
      for (float& each : best) each -= top;
      for (int64_t c = 0; c < labels; ++c) {
        const int64_t p = best_before(best, c);
        from[t * labels + c] = static_cast<int32_t>(p);
        next[c] = best[p] + transitions[p * labels + c] + emission(t, c);
      }
      std::swap(best, next);
    }
    for (int64_t c = 0; c < labels; ++c) best[c] += end[c];
    std::vector<int32_t> path(static_cast<size_t>(length));
    path.back() = static_cast<int32_t>(std::ranges::max_element(best) - best.begin());
    for (int64_t t = length - 1; t > 0; --t) path[t - 1] = from[t * labels + path[t]];
    return path;
  }

 private:
  int64_t best_before(const std::vector<float>& best, int64_t c) const {
    int64_t p = 0;
    for (int64_t k = 1; k < labels; ++k) {
      if (best[k] + transitions[k * labels + c] > best[p] + transitions[p * labels + c]) p = k;
    }
    return p;
  }
};

Tensor as_f32(const Tensor& x) { return x.dtype() == DType::kF32 ? x.detach() : x.clone(DType::kF32); }

}  // namespace

Crf::Crf(int64_t labels) : labels_(labels) {
  if (labels < 1) fail("Crf: labels must be at least 1, got {}", labels);
  transitions = Tensor::zeros({labels, labels});
  start = Tensor::zeros({labels});
  end = Tensor::zeros({labels});
  register_parameter("transitions", transitions);
  register_parameter("start", start);
  register_parameter("end", end);
}

void Crf::check(const Tensor& emissions, const std::vector<int64_t>& lengths) const {
  if (emissions.rank() != 3 || emissions.size(2) != labels_) {
    fail("Crf: emissions: expected [T, B, {}], got {}", labels_, emissions.shape().str());
  }
  if (!lengths.empty() && std::ssize(lengths) != emissions.size(1)) {
    fail("Crf: expected a length for each of {} sequences, got {}", emissions.size(1), lengths.size());
  }
  for (const int64_t length : lengths) {
    if (length < 0 || length > emissions.size(0)) {
      fail("Crf: length: expected 0 .. {}, got {}", emissions.size(0), length);
    }
  }
}

Tensor Crf::log_partition(const Tensor& emissions, const std::vector<int64_t>& lengths) const {
  check(emissions, lengths);
  if (Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, emissions.size(0));
    return trace->op_with_twin(
        "crf_log_partition", {emissions, known, transitions, start, end}, {},
        [&] { return log_partition(emissions, lengths); },
        [&] {
          return crf_log_partition_twin(emissions, known, {transitions, start, end});
        });
  }
  return crf_log_partition(emissions, lengths, {transitions, start, end});
}

Tensor Crf::score(const Tensor& emissions, const Tensor& labels, const std::vector<int64_t>& lengths) const {
  const int64_t steps = emissions.size(0), batch = emissions.size(1), rows = steps * batch;
  // Each step takes an element of a table: of the emissions its own; of [transitions, start, end, 0] the one before it;
  // and the last step of a sequence one more.
  const int64_t pairs = labels_ * labels_;
  const auto nothing = static_cast<int32_t>(pairs + 2 * labels_);
  std::vector<int32_t> own(static_cast<size_t>(rows), 0), before(own.size(), nothing);
  std::vector<int32_t> after(static_cast<size_t>(batch), nothing);
  Tensor inside = Tensor::zeros({steps, batch}, emissions.dtype());
  const auto label = labels.values<int32_t>();
  for (int64_t b = 0; b < batch; ++b) {
    const int64_t length = length_of(lengths, b, steps);
    for (int64_t t = 0; t < length; ++t) {
      const int64_t at = t * batch + b, to = label[at];
      if (to < 0 || to >= labels_)
        fail("Crf: label at step {} of sequence {}: {} is not within 0 .. {}", t, b, to, labels_ - 1);
      own[at] = label[at];
      before[at] = static_cast<int32_t>(t == 0 ? pairs + to : label[at - batch] * labels_ + to);
      if (t + 1 == length) after[b] = static_cast<int32_t>(pairs + labels_ + to);
    }
  }
  dispatch_float("Crf", emissions.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T* to = inside.data<T>();
    for (int64_t at = 0; at < rows; ++at) to[at] = before[at] == nothing ? T(0) : T(1);
  });
  const Tensor zero = Tensor::zeros({1}, emissions.dtype());
  const Tensor table = concat({reshape(transitions, {pairs}), start, end, zero}, 0);
  const Tensor emitted = reshape(gather(emissions, 2, Tensor::from(own, {steps, batch, 1})), {steps, batch}) * inside;
  return sum(emitted + embedding(table, Tensor::from(before, {steps, batch})), 0) +
         embedding(table, Tensor::from(after, {batch}));
}

Tensor Crf::loss(const Tensor& emissions, const Tensor& labels, const std::vector<int64_t>& lengths) const {
  check(emissions, lengths);
  if (labels.shape() != Shape{emissions.size(0), emissions.size(1)}) {
    fail("Crf: labels: expected {}, got {}", (Shape{emissions.size(0), emissions.size(1)}).str(), labels.shape().str());
  }
  if (Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, emissions.size(0));
    return trace->op("crf_loss", {emissions, known, labels, transitions, start, end}, {},
                     [&] { return loss(emissions, labels, lengths); });
  }
  // Only the differences of a step's scores count: with the largest at 0 the sums are small and keep more digits.
  const Tensor scores = emissions - max(emissions.detach(), 2, true);
  return log_partition(scores, lengths) - score(scores, labels, lengths);
}

Tensor Crf::marginals(const Tensor& emissions, const std::vector<int64_t>& lengths) const {
  if (Trace* trace = tracing()) {
    const Tensor known = trace->lengths(lengths, emissions.size(0));
    return trace->op("crf_marginals", {emissions, known, transitions, start, end}, {},
                     [&] { return marginals(emissions, lengths); });
  }
  // The derivative of the partition's logarithm with respect to a score is the probability that it is taken.
  const autograd::RecordScope on(true);
  Tensor scores = emissions.detach();
  scores.set_requires_grad();
  return grad(sum(log_partition(scores, lengths)), scores).detach();
}

std::vector<std::vector<int32_t>> Crf::decode(const Tensor& emissions, const std::vector<int64_t>& lengths) const {
  check(emissions, lengths);
  const Tensor scores = as_f32(emissions), between = as_f32(transitions), first = as_f32(start), last = as_f32(end);
  const int64_t steps = scores.size(0), batch = scores.size(1);
  const Viterbi viterbi{between.values<float>(), first.values<float>(), last.values<float>(), labels_};
  const float* score = scores.data<float>();
  std::vector<std::vector<int32_t>> result;
  for (int64_t b = 0; b < batch; ++b) {
    result.push_back(viterbi(length_of(lengths, b, steps),
                             [&](int64_t t, int64_t c) { return score[(t * batch + b) * labels_ + c]; }));
  }
  return result;
}

}  // namespace recur
