#include "recur/nn/crf_twin.h"

#include "recur/nn/pooling_twins.h"
#include "recur/ops/binary.h"
#include "recur/ops/broadcast.h"
#include "recur/ops/gather.h"
#include "recur/ops/matmul.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reduce.h"
#include "recur/ops/reshape.h"
#include "recur/ops/scan.h"
#include "recur/ops/select.h"
#include "recur/ops/softmax.h"
#include "recur/ops/transpose.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

// log(exp(scores) times exp(matrix)), whose exponentials are given: one small product in the place of [B, C, C]
// exponentials. scores [B, C].
Tensor log_product(const Tensor& scores, const Tensor& factors) {
  const Tensor top = max(scores.detach(), 1, true);
  return log(matmul(exp(scores - top), factors)) + top;
}

// What steps carry beside their scores: 1 once a sequence has begun, [B, 1].
struct Begun {
  Tensor scores, mark;
};
Begun not_begun(const Tensor& emissions) {
  const int64_t B = emissions.size(1), C = emissions.size(2);
  return {filled({B, C}, 0, emissions.dtype()), filled({B, 1}, 0, emissions.dtype())};
}

// The scores [B, C] less their largest. What only compares scores takes them so: over long sequences they would grow
// and lose digits.
Tensor relative(const Tensor& scores) { return scores - max(scores, 1, true); }

// The scores of all labels up to each step, as outputs and as the last state, and the marks.
template <class Kept>
ScanResult forward(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf, const Kept& kept) {
  const Tensor factors = exp(crf.transitions), one = Tensor::scalar(1, emissions.dtype());
  const ScanStep step = [&](const Tensors& x, const Tensors& states) {
    const Tensor alpha = kept(where(states[1], log_product(states[0], factors) + x[0], x[0] + crf.start));
    return Tensors{alpha, maximum(states[1], one), alpha};
  };
  const auto [scores, mark] = not_begun(emissions);
  return scan({emissions}, {scores, mark}, step, {.lengths = lengths});
}

}  // namespace

Tensor crf_log_partition_twin(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf) {
  const int64_t B = emissions.size(1);
  const ScanResult result = forward(emissions, lengths, crf, [](const Tensor& scores) { return scores; });
  const Tensor empty = equal(reshape(result.states[1], {B}), Tensor::scalar(0, emissions.dtype()));
  return masked_fill(logsumexp(result.states[0] + crf.end, 1), empty, 0);
}

// Forwards, the best score that ends in each label and the label before it; then backwards from the best of all.
Tensor crf_decode_twin(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf) {
  const int64_t T = emissions.size(0), B = emissions.size(1), C = emissions.size(2);
  const Tensor one = Tensor::scalar(1, emissions.dtype());
  const ScanStep step = [&](const Tensors& x, const Tensors& states) {
    const Tensor ways = reshape(states[0], {B, C, 1}) + crf.transitions;  // [B, from, to]
    const Tensor best = relative(where(states[1], max(ways, 1) + x[0], x[0] + crf.start));
    return Tensors{best, maximum(states[1], one), argmax(ways, 1)};
  };
  const auto [scores, mark] = not_begun(emissions);
  const ScanResult forwards = scan({emissions}, {scores, mark}, step, {.lengths = lengths});
  const Tensor last = argmax(forwards.states[0] + crf.end, 1, true);  // [B, 1]
  const ScanStep back = [&](const Tensors& x, const Tensors& states) {
    return Tensors{gather(x[0], 1, states[0]), states[0]};
  };
  const ScanResult backwards = scan({forwards.outputs[0]}, {last}, back, {.lengths = lengths, .reverse = true});
  return reshape(backwards.outputs[0], {T, B});
}

// alpha [t, c] + beta [t, c] is the logarithm of the sum over all labellings with label c at step t, of which the
// softmax are the shares.
Tensor crf_marginals_twin(const Tensor& emissions, const Tensor& lengths, const CrfTensors& crf) {
  const int64_t T = emissions.size(0), B = emissions.size(1), C = emissions.size(2);
  const Tensor alpha = forward(emissions, lengths, crf, relative).outputs[0];
  const Tensor factors = exp(transpose(crf.transitions, 0, 1));
  const ScanStep step = [&](const Tensors& x, const Tensors& states) {
    return Tensors{relative(log_product(states[0] + x[0], factors)), states[0]};
  };
  const Tensor end = broadcast_to(reshape(crf.end, {1, C}), {B, C});
  const Tensor beta = scan({emissions}, {end}, step, {.lengths = lengths, .reverse = true}).outputs[0];
  return masked_fill(softmax(alpha + beta), padding_mask_twin(T, lengths, emissions.dtype()), 0);
}

}  // namespace recur
