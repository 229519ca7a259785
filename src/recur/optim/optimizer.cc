#include "recur/optim/optimizer.h"

#include <algorithm>
#include <cmath>

#include "recur/base/threads.h"
#include "recur/optim/clip.h"
#include "recur/optim/stored.h"

namespace recur {
namespace {

constexpr int64_t kChunk = 16384;  // elements of a chunk: a few microseconds of work, and its arrays fit into L2

}  // namespace

ParameterGroups decay_matrices_only(const ParameterGroups& groups) {
  ParameterGroups matrices, vectors;
  for (const ParameterGroup& group : groups) {
    matrices.push_back({.rate_factor = group.rate_factor, .decay = group.decay});
    vectors.push_back({.rate_factor = group.rate_factor, .decay = false});
    for (const Tensor& p : group.parameters) (p.rank() < 2 ? vectors : matrices).back().parameters.push_back(p);
  }
  matrices.insert(matrices.end(), vectors.begin(), vectors.end());
  return matrices;
}

ParameterGroups decay_matrices_only(const Tensors& parameters) {
  return decay_matrices_only(ParameterGroups{{parameters}});
}

Optimizer::Optimizer(const ParameterGroups& groups, const Settings& settings) {
  set_rate(settings.rate);
  if (!(settings.weight_decay >= 0))
    fail("optimizer: weight_decay: expected at least 0, got {}", settings.weight_decay);
  for (const ParameterGroup& group : groups) add_group(group, settings.weight_decay);
  if (parameters_.empty()) fail("optimizer: expected at least one parameter");
  values_ = Tensor::empty({elements_}, parameters_[0].dtype());
  gather();
  for (const std::string& name : settings.kept)
    kept_.push_back({name, Tensor::zeros({elements_}, parameters_[0].dtype())});
  register_counter("step", &steps_);
}

void Optimizer::add_group(const ParameterGroup& group, double weight_decay) {
  Tensors fresh = parameters_;
  internal::append_new(fresh, group.parameters);
  for (size_t i = parameters_.size(); i < fresh.size(); ++i) {
    const Tensor& p = fresh[i];
    if ((p.dtype() != DType::kF32 && p.dtype() != DType::kF64) || p.dtype() != fresh[0].dtype())
      fail("optimizer: expected parameters of one dtype, f32 or f64, got {}", name_of(p.dtype()));
    for (int64_t begin = 0; begin < p.numel(); begin += kChunk)
      chunks_.push_back({i, begin, std::min(begin + kChunk, p.numel())});
    places_.push_back({elements_, group.rate_factor, group.decay ? weight_decay : 0});
    elements_ += p.numel();
  }
  parameters_ = std::move(fresh);
}

// Again before each step, as load_state() of a module or another optimiser may have moved a parameter away.
void Optimizer::gather() {
  for_each_parameter([&](Tensor& p, int64_t offset) {
    if (p.shares_storage_with(values_)) return;
    Tensor place = values_.alias(offset, p.shape());
    place.copy_from(p);
    p.rebind(place);
  });
}

void Optimizer::set_rate(double rate) {
  if (!std::isfinite(rate) || rate < 0) fail("optimizer: rate: expected a finite number >= 0, got {}", rate);
  rate_ = rate;
}

void Optimizer::zero_grad() {
  for (Tensor& p : parameters_) p.set_grad({});
}

void Optimizer::check_gradients() const {
  const DType dtype = values_.dtype();
  for (const Tensor& p : parameters_)
    if (p.dtype() != dtype || (p.grad().defined() && p.grad().dtype() != dtype))
      fail("optimizer: expected parameters and gradients to stay {}, got {} and {}", name_of(dtype), name_of(p.dtype()),
           p.grad().defined() ? name_of(p.grad().dtype()) : "none");
}

template <class T>
void Optimizer::update_chunk(const Chunk& chunk, double scale) {
  Tensor& p = parameters_[chunk.parameter];
  if (!p.grad().defined()) return;
  const Place& place = places_[chunk.parameter];
  Run<T> run{.elements = {.n = chunk.end - chunk.begin,
                          .w = p.data<T>() + chunk.begin,
                          .g = p.grad().data<T>() + chunk.begin,
                          .scale = static_cast<T>(scale),
                          .decay = static_cast<T>(place.decay)},
             .rate = static_cast<T>(rate_ * place.rate_factor)};
  for (size_t i = 0; i < kept_.size(); ++i)
    run.elements.kept[i] = kept_[i].value.data<T>() + place.offset + chunk.begin;
  update(run);
}

void Optimizer::check_not_swapped() const {
  if (swapped_) fail("optimizer: the averaged parameters are in use; swap them back first");
}

void Optimizer::swap_average() {
  Tensor average = this->average();
  if (!average.defined()) return;
  swapped_ = !swapped_;
  for_each_parameter([&](Tensor& p, int64_t offset) {
    std::byte* other = average.bytes() + static_cast<size_t>(offset) * item_size(average.dtype());
    std::swap_ranges(p.bytes(), p.bytes() + p.byte_size(), other);
  });
}

void Optimizer::step() { scaled_step(1); }

double Optimizer::gradient_norm() const {
  double total = 0;
  for (size_t i = 0; i < parameters_.size(); ++i)
    total += places_[i].rate_factor * places_[i].rate_factor * squared_gradient_norm(parameters_[i]);
  return std::sqrt(total);
}

double Optimizer::clipped_step(double max_norm) {
  const double norm = gradient_norm();
  const double scale = clip_scale(norm, max_norm);
  if (std::isfinite(norm)) scaled_step(scale);
  return norm;
}

void Optimizer::scaled_step(double scale) {
  check_not_swapped();
  check_gradients();
  gather();
  ++steps_;
  dispatch_float("optimizer", parameters_[0].dtype(), [&](auto zero) {
    parallel_for(static_cast<int64_t>(chunks_.size()), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) update_chunk<decltype(zero)>(chunks_[static_cast<size_t>(i)], scale);
    });
  });
  finish_step();
}

NamedTensors Optimizer::state() const {
  check_not_swapped();
  NamedTensors result = kept_;
  for (const Counter& counter : counters_) result.push_back({counter.name, stored(*counter.value)});
  result.push_back({"rate", stored(rate_)});
  return result;
}

void Optimizer::load_state(const NamedTensors& state) {
  const NamedTensors mine = this->state();
  check_stored("optimizer", state, mine);
  for (auto& [name, value] : kept_) value.copy_from(find_stored(state, name));
  for (const Counter& counter : counters_) *counter.value = stored_integer(state, counter.name);
  rate_ = stored_number(state, "rate");
}

}  // namespace recur
