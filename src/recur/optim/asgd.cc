#include "recur/optim/asgd.h"

#include <algorithm>

#include "recur/base/threads.h"
#include "recur/optim/stored.h"

namespace recur {
namespace {

constexpr int64_t kMeanGrain = 65536;

// mean += (w - mean) / count
template <class T>
void add_to_mean(const T* __restrict w, T* __restrict mean, int64_t n, int64_t count) {
  const T share = T{1} / static_cast<T>(count);
  for (int64_t i = 0; i < n; ++i) mean[i] += (w[i] - mean[i]) * share;
}

}  // namespace

Asgd::Asgd(const ParameterGroups& groups, const AsgdOptions& o)
    : Optimizer(groups, {.rate = o.rate, .weight_decay = o.weight_decay, .kept = {"average"}}),
      average_after_(o.average_after) {
  register_counter("average_after", &average_after_);
  register_counter("averaged", &averaged_);
}

void Asgd::start_averaging() { average_after_ = std::min(average_after_, steps()); }

template <class T>
void Asgd::apply(const Run<T>& run) const {
  kernels::optimizer_kernels<T>().sgd({.rate = run.rate, .momentum = 0, .fresh = 1, .nesterov = false}, run.elements);
}

void Asgd::finish_step() {
  if (steps() <= average_after_) return;
  ++averaged_;
  for_each_parameter([&](const Tensor& p, int64_t offset) {
    dispatch_float("asgd", p.dtype(), [&](auto zero) {
      using T = decltype(zero);
      const T* w = p.data<T>();
      T* mean = kept(0).data<T>() + offset;
      parallel_for(p.numel(), kMeanGrain,
                   [&](int64_t begin, int64_t end) { add_to_mean(w + begin, mean + begin, end - begin, averaged_); });
    });
  });
}

bool NonMonotonicTrigger::observe(double loss) {
  const auto old = std::max<std::ptrdiff_t>(std::ssize(history_) - interval_, 0);
  if (old > 0) triggered_ |= loss > *std::min_element(history_.begin(), history_.begin() + old);
  history_.push_back(loss);
  return triggered_;
}

NamedTensors NonMonotonicTrigger::state() const {
  return {{"history", Tensor::from(history_, {std::ssize(history_)})}, {"triggered", stored(int64_t{triggered_})}};
}

void NonMonotonicTrigger::load_state(const NamedTensors& state) {
  const auto history = find_stored(state, "history").values<double>();
  triggered_ = stored_integer(state, "triggered") != 0;
  history_.assign(history.begin(), history.end());
}

}  // namespace recur
