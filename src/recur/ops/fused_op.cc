#include "recur/ops/fused_op.h"

#include "recur/ops/precision.h"

namespace recur {

Tensors record_with_twin(const char* op, const Tensors& inputs, Tensors outputs, FusedVjp backward,
                         TensorFunction twin) {
  const int count = static_cast<int>(outputs.size());
  return autograd::record(op, inputs, std::move(outputs),
                          [inputs, count, backward = std::move(backward), twin = std::move(twin),
                           precision = product_precision()](const autograd::VjpArgs& v) {
                            const ProductPrecision as_forward(precision);
                            return autograd::recording() ? vjp_of(twin, inputs, v, count) : backward(inputs, v);
                          });
}

}  // namespace recur
