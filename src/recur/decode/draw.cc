#include "recur/decode/draw.h"

#include "recur/autograd/node.h"

namespace recur {

void draw(const StepModel& model, const DrawOptions& options, Random& random,
          const std::function<bool(int32_t symbol)>& take) {
  const autograd::NoGrad no_grad;
  Tensors state = model.initial(1);
  int32_t symbol = options.first;
  for (int64_t i = 0; i < options.length; ++i) {
    StepModel::Step made = model.step(Tensor::from(std::vector<int32_t>{symbol}, {1}), state);
    symbol = sample(made.log_probabilities.values<float>(), options.sampling, random);
    if (!take(symbol)) return;
    state = std::move(made.state);
  }
}

}  // namespace recur
