#include "recur/ops/losses.h"

#include "recur/autograd/trace.h"
#include "recur/ops/binary.h"
#include "recur/ops/select.h"

namespace recur {
namespace {

// Broadcasting here would hide a mistake: [B, 1] against [B] is a loss of B x B pairs.
void check(const char* loss, const Tensor& prediction, const Tensor& target) {
  if (prediction.shape() != target.shape())
    fail("{}: prediction {} and target {} differ in shape", loss, prediction.shape().str(), target.shape().str());
}

}  // namespace

Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& targets, Reduction reduction) {
  if (Trace* trace = tracing())
    return trace->op("binary_cross_entropy_with_logits", {logits, targets}, {{"reduction", name_of(reduction)}},
                     [&] { return binary_cross_entropy_with_logits(logits, targets, reduction); });
  check("binary_cross_entropy_with_logits", logits, targets);
  return reduced(softplus(logits) - logits * targets, reduction);
}

Tensor mse(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  if (Trace* trace = tracing())
    return trace->op("mse", {prediction, target}, {{"reduction", name_of(reduction)}},
                     [&] { return mse(prediction, target, reduction); });
  check("mse", prediction, target);
  return reduced(square(prediction - target), reduction);
}

Tensor mae(const Tensor& prediction, const Tensor& target, Reduction reduction) {
  if (Trace* trace = tracing())
    return trace->op("mae", {prediction, target}, {{"reduction", name_of(reduction)}},
                     [&] { return mae(prediction, target, reduction); });
  check("mae", prediction, target);
  return reduced(abs(prediction - target), reduction);
}

Tensor huber(const Tensor& prediction, const Tensor& target, double delta, Reduction reduction) {
  if (Trace* trace = tracing())
    return trace->op("huber", {prediction, target}, {{"delta", delta}, {"reduction", name_of(reduction)}},
                     [&] { return huber(prediction, target, delta, reduction); });
  check("huber", prediction, target);
  if (!(delta > 0)) fail("huber: delta: expected > 0, got {}", delta);
  const Tensor d = prediction - target, magnitude = abs(d);
  const Tensor is_far = less(Tensor::scalar(delta, d.dtype()), magnitude.detach());
  return reduced(where(is_far, (magnitude - delta / 2) * delta, square(d) * 0.5), reduction);
}

}  // namespace recur
