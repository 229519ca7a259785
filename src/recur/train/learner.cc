#include "recur/train/learner.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "recur/base/error.h"
#include "recur/nn/penalties.h"
#include "recur/ops/binary.h"
#include "recur/optim/clip.h"
#include "recur/optim/make_optimizer.h"
#include "recur/tensor/named_tensors.h"

namespace recur {
namespace {

// Cosine and linear schedules count steps; here a step is this share of the budget, whatever that is made of.
constexpr int64_t kTicks = int64_t{1} << 40;

// Adam's usual 0.001 is slow for recurrent networks whose gradients are clipped.
std::optional<double> rate_of(const LearningOptions& o) {
  constexpr double kAdamRate = 3e-3;
  return o.lr || !o.optimizer.starts_with("adam") ? o.lr : kAdamRate;
}

std::unique_ptr<Optimizer> make(const NamedTensors& parameters, const LearningOptions& o) {
  Tensors tensors;
  for (const NamedTensor& each : parameters) tensors.push_back(each.value);
  return make_optimizer({.name = o.optimizer,
                         .rate = rate_of(o),
                         .weight_decay = o.weight_decay,
                         .decay_vectors = o.decay_vectors,
                         .momentum = o.momentum,
                         .nesterov = o.nesterov,
                         .beta1 = o.beta1,
                         .beta2 = o.beta2,
                         .alpha = o.alpha,
                         .epsilon = o.epsilon,
                         .centered = o.centered,
                         .amsgrad = o.amsgrad},
                        tensors);
}

std::unique_ptr<Schedule> make(const RateOptions& o, bool maximize) {
  return make_schedule({.name = o.schedule,
                        .decay = o.decay,
                        .floor = o.floor,
                        .total = kTicks,
                        .interval = o.interval,
                        .hold = o.hold,
                        .milestones = o.milestones,
                        .patience = o.plateau_patience,
                        .threshold = o.plateau_threshold,
                        .cooldown = o.cooldown,
                        .maximize = maximize});
}

}  // namespace

Learner::Learner(const NamedTensors& parameters, const LearningOptions& learning, const RateOptions& rate,
                 bool maximize)
    : options_(learning),
      warmup_(rate.warmup),
      optimizer_(make(parameters, learning)),
      schedule_(make(rate, maximize)),
      trigger_(static_cast<int>(learning.average_interval)) {
  base_rate_ = optimizer_->rate();
  auto* averaged = dynamic_cast<Asgd*>(optimizer_.get());
  if (averaged != nullptr && options_.average_interval == 0) averaged->start_averaging();
}

Tensor Learner::penalized(const Tensor& objective) const {
  return options_.l1 > 0 ? objective + l1_penalty(optimizer_->parameters()) * options_.l1 : objective;
}

// One pass, unless the elements are clipped too, after all of them together.
double Learner::update() {
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  const double limit = options_.clip > 0 ? options_.clip : kNoLimit;
  if (options_.clip_value == 0) return optimizer_->clipped_step(limit);
  const Tensors& parameters = optimizer_->parameters();
  const double norm = clip_norm(parameters, limit);
  if (!std::isfinite(norm)) return norm;
  clip_value(parameters, options_.clip_value);
  optimizer_->step();
  return norm;
}

double Learner::step(const Standing& standing) {
  const double rise =
      standing.step < warmup_ ? static_cast<double>(standing.step + 1) / static_cast<double>(warmup_) : 1.0;
  const auto tick = static_cast<int64_t>(standing.progress * static_cast<double>(kTicks));
  optimizer_->set_rate(base_rate_ * rise * schedule_->factor({.step = tick, .epoch = standing.epoch}));
  const double norm = update();
  if (std::isfinite(norm)) optimizer_->zero_grad();
  return norm;
}

std::string Learner::observe(double metric, double loss) {
  schedule_->observe(metric);
  auto* averaged = dynamic_cast<Asgd*>(optimizer_.get());
  if (averaged == nullptr || averaged->averaging() || !trigger_.observe(loss)) return "";
  averaged->start_averaging();
  return "validation has stopped improving: the parameters are averaged from here on";
}

NamedTensors Learner::state() const {
  NamedTensors state;
  append_state(state, "optimizer.", optimizer_->state());
  append_state(state, "schedule.", schedule_->state());
  append_state(state, "trigger.", trigger_.state());
  return state;
}

void Learner::load_state(const NamedTensors& state) {
  optimizer_->load_state(state_part(state, "optimizer."));
  schedule_->load_state(state_part(state, "schedule."));
  trigger_.load_state(state_part(state, "trigger."));
}

}  // namespace recur
