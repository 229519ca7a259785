#include "recur/tasks/act/action_distribution.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "recur/ops/binary.h"
#include "recur/ops/cast.h"
#include "recur/ops/gather.h"
#include "recur/ops/reshape.h"
#include "recur/ops/softmax.h"
#include "recur/ops/sum.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

const double kLogRootTau = 0.5 * std::log(2 * std::numbers::pi);

// log sum exp.
double log_total(std::span<const float> logits) {
  const double most = static_cast<double>(*std::ranges::max_element(logits));
  double sum = 0;
  for (const float each : logits) sum += std::exp(static_cast<double>(each) - most);
  return most + std::log(sum);
}

}  // namespace

Tensor log_probability(const Tensor& policy, const Tensor& log_deviation, const Tensor& u) {
  const int last = policy.rank() - 1;
  if (!log_deviation.defined()) {
    const Tensor chosen = gather(log_softmax(policy), last, cast(u, DType::kI32));
    return sum(chosen, last);
  }
  const Tensor away = (cast(u, policy.dtype()) - policy) * exp(-log_deviation);
  return sum(square(away) * -0.5 - log_deviation - kLogRootTau, last);
}

Tensor entropy(const Tensor& policy, const Tensor& log_deviation) {
  const int last = policy.rank() - 1;
  if (!log_deviation.defined()) {
    const Tensor log_p = log_softmax(policy);
    return -sum(exp(log_p) * log_p, last);
  }
  return sum(policy * 0.0 + log_deviation + (0.5 + kLogRootTau), last);
}

void Decision::choose(Random* random, std::span<float> u) const {
  if (!is_discrete()) {
    for (size_t i = 0; i < u.size(); ++i) {
      u[i] = policy[i] + (random != nullptr ? random->normal() * std::exp(log_deviation[i]) : 0.0f);
    }
    return;
  }
  if (random == nullptr) {
    u[0] = static_cast<float>(std::ranges::max_element(policy) - policy.begin());
    return;
  }
  const double total = log_total(policy);
  double left = random->uniform64();
  size_t choice = 0;
  for (; choice + 1 < policy.size(); ++choice) {
    left -= std::exp(static_cast<double>(policy[choice]) - total);
    if (left < 0) break;
  }
  u[0] = static_cast<float>(choice);
}

double Decision::log_probability(std::span<const float> u) const {
  if (is_discrete()) return static_cast<double>(policy[static_cast<size_t>(u[0])]) - log_total(policy);
  double out = 0;
  for (size_t i = 0; i < u.size(); ++i) {
    const auto log_deviation_here = static_cast<double>(log_deviation[i]);
    const double away = (static_cast<double>(u[i]) - static_cast<double>(policy[i])) * std::exp(-log_deviation_here);
    out -= 0.5 * away * away + log_deviation_here + kLogRootTau;
  }
  return out;
}

void to_action(const ActionSpace& space, bool squashes, std::span<const float> u, std::span<float> action) {
  if (space.is_discrete()) {
    action[0] = u[0];
    return;
  }
  for (size_t i = 0; i < u.size(); ++i) {
    const auto drawn = static_cast<double>(u[i]);
    double out = std::clamp(drawn, space.low[i], space.high[i]);
    if (std::isfinite(space.low[i]) && std::isfinite(space.high[i])) {
      const double unit = squashes ? std::tanh(drawn) : std::clamp(drawn, -1.0, 1.0);
      out = space.low[i] + (space.high[i] - space.low[i]) * (unit + 1) / 2;
    }
    action[i] = static_cast<float>(out);
  }
}

}  // namespace recur
