#include "recur/ops/transducer_loss.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

OpCase transducer(const char* name, int64_t rows, int64_t symbols, std::vector<int32_t> labels, const Shape& shape,
                  const std::vector<int64_t>& steps, int64_t blank) {
  return {.name = name,
          .f = [blank](const Tensors& in) { return Tensors{transducer_loss(in[0], in[1], in[2], blank)}; },
          .inputs = {normal({rows, symbols}), Tensor::from(std::move(labels), shape),
                     Tensor::from(steps, {std::ssize(steps)})}};
}

const Register transducers({
    transducer("transducer_loss", 4 * 3, 4, {1, 3}, {2, 1}, {4}, 0),
    // Repeated labels, no labels, no steps, one step, more labels than steps.
    transducer("transducer_loss_ragged", 3 * 3 + 2 * 1 + 0 + 1 * 2 + 2 * 4, 3,
               {1, -1, -1, 0, 1, 1, -1, -1, -1, 0, -1, -1, -1, -1, 1}, {3, 5}, {3, 2, 0, 1, 2}, 2),
});

}  // namespace
}  // namespace recur::testing
