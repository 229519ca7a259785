#include "recur/ops/ctc_loss.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase ctc(const char* name, const Tensor& logits, std::vector<int32_t> labels, const Shape& shape, Tensor lengths,
           int64_t blank) {
  Tensors inputs{logits, Tensor::from(std::move(labels), shape)};
  if (lengths.defined()) inputs.push_back(std::move(lengths));
  return {
      .name = name,
      .f = [blank](
               const Tensors& in) { return Tensors{ctc_loss(in[0], in[1], in.size() > 2 ? in[2] : Tensor(), blank)}; },
      .inputs = std::move(inputs)};
}

const Register ctcs({
    ctc("ctc_loss", normal({5, 2, 4}), {1, 3, 3, 3, -1, 1}, {3, 2}, {}, 0),
    // Repeated labels, no labels, no steps, fewer steps than others.
    ctc("ctc_loss_ragged", normal({6, 4, 3}), {0, 1, -1, -1, 0, 0, -1, -1, -1, 1, -1, -1}, {3, 4},
        Tensor::from(std::vector<int64_t>{6, 4, 3, 0}, {4}), 2),
});

}  // namespace
}  // namespace recur::testing
