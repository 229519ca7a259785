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

std::unique_ptr<Optimizer> make(const Module& module, OptimizerOptions options) {
  // Adam's usual 0.001 is slow for recurrent networks whose gradients are clipped.
  constexpr double kAdamRate = 3e-3;
  if (!options.rate && options.name.starts_with("adam")) options.rate = kAdamRate;
  const Tensors parameters = module.parameters();
  const std::vector<double> factors = module.rate_factors();
  ParameterGroups groups;  // one each, so that their order, which checkpoints depend on, is the module's
  for (size_t i = 0; i < parameters.size(); ++i)
    groups.push_back({.parameters = {parameters[i]}, .rate_factor = factors[i]});
  return make_optimizer(options, groups);
}

std::unique_ptr<Schedule> make(ScheduleOptions options, bool maximize) {
  options.maximize = maximize;
  return make_schedule(options);
}

}  // namespace

Learner::Learner(const Module& module, const LearningOptions& learning, const RateOptions& rate, bool maximize)
    : options_(learning),
      optimizer_(make(module, learning.optimizer)),
      schedule_(make(rate.schedule, maximize)),
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
  const double norm = optimizer_->gradient_norm();
  if (!std::isfinite(norm)) return norm;
  if (const double scale = clip_scale(norm, limit); scale < 1) scale_gradients(parameters, scale);
  clip_value(parameters, options_.clip_value);
  optimizer_->step();
  return norm;
}

double Learner::step(const Progress& progress) {
  optimizer_->set_rate(base_rate_ * schedule_->factor(progress));
  const double norm = update();
  if (std::isfinite(norm)) optimizer_->zero_grad();
  return norm;
}

std::string Learner::observe(double metric, double loss) {
  schedule_->observe(metric);
  auto* averaged = dynamic_cast<Asgd*>(optimizer_.get());
  if (averaged == nullptr || averaged->averaging() || !trigger_.observe(loss)) return "";
  averaged->start_averaging();
  return "the validation loss has stopped improving: averaging of the parameters begins";
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
