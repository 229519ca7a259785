#include "recur/decode/draw.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "recur/autograd/node.h"
#include "recur/base/error.h"

namespace recur {

void draw(const StepModel& model, const DrawOptions& options, Random& random,
          const std::function<bool(int32_t symbol)>& take) {
  const autograd::NoGrad no_grad;
  Tensors state = model.initial(1);
  int32_t symbol = options.first;
  for (int64_t i = 0; i < options.length; ++i) {
    StepModel::Step made = model.step(Tensor::from(std::vector<int32_t>{symbol}, {1}), state);
    const std::span<const float> choices = made.log_probabilities.values<float>();
    if (const auto nan = std::ranges::find_if(choices, [](float p) { return std::isnan(p); }); nan != choices.end()) {
      fail("generate: step {}: the probability of symbol {} is NaN: the weights of the model are too large", i + 1,
           nan - choices.begin());
    }
    symbol = sample(choices, options.sampling, random);
    if (!take(symbol)) return;
    state = std::move(made.state);
  }
}

}  // namespace recur
