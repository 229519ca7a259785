#include "recur/decode/step_model.h"

#include "recur/ops/embedding.h"

namespace recur {

Tensors StepModel::reorder(const Tensors& state, const Tensor& from) const {
  Tensors result;
  for (const Tensor& part : state) result.push_back(index_select(part, from));
  return result;
}

}  // namespace recur
