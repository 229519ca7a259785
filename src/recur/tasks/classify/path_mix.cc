#include "recur/tasks/classify/path_mix.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "recur/ops/cast.h"
#include "recur/tasks/classify/log_sum.h"

namespace recur {

double PathMix::share(int64_t i) const {
  double value = 0;
  dispatch_float("mix", factors_.dtype(),
                 [&](auto zero) { value = double{std::as_const(factors_).data<decltype(zero)>()[i]}; });
  return value;
}

void PathMix::combine(std::span<float> network, std::span<const float> path) const {
  std::vector<double> both(network.size());
  const double of_network = network_share(), of_path = path_share();
  for (size_t c = 0; c < both.size(); ++c) both[c] = of_network * network[c] + of_path * path[c];
  const double all = log_sum(both);
  for (size_t c = 0; c < both.size(); ++c) network[c] = static_cast<float>(both[c] - all);
}

void PathMix::choose(std::span<const float> network, std::span<const float> path, std::span<const float> classes) {
  constexpr int kSteps = 6;
  const size_t C = network.size() / std::max<size_t>(classes.size(), 1);
  double least = std::numeric_limits<double>::infinity();
  std::vector<double> both(C);
  float best[2] = {0.5f, 0.5f};
  for (int a = 0; a <= kSteps; ++a) {
    for (int b = 0; b <= kSteps; ++b) {
      double nats = 0;
      for (size_t i = 0; i < classes.size(); ++i) {
        const auto actual = static_cast<size_t>(classes[i]);
        if (actual >= C) continue;
        for (size_t c = 0; c < C; ++c) both[c] = 0.25 * a * network[i * C + c] + 0.25 * b * path[i * C + c];
        nats += log_sum(both) - both[actual];
      }
      if (!(nats < least)) continue;
      least = nats;
      best[0] = 0.25f * static_cast<float>(a);
      best[1] = 0.25f * static_cast<float>(b);
    }
  }
  factors_.copy_from(cast(Tensor::from(std::vector<float>(best, best + 2), {2}), factors_.dtype()));
}

}  // namespace recur
