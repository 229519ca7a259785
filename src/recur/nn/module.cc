#include "recur/nn/module.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "recur/base/suggest.h"

namespace recur {
namespace {

bool contains(const NamedTensors& tensors, const Tensor& value) {
  return std::any_of(tensors.begin(), tensors.end(), [&](const auto& t) { return t.value.id() == value.id(); });
}

std::vector<std::string_view> names_of(const NamedTensors& tensors) {
  std::vector<std::string_view> names;
  for (const NamedTensor& t : tensors) names.emplace_back(t.name);
  return names;
}

// The tensor of each name; throws when a name comes twice.
std::unordered_map<std::string, Tensor> index(const NamedTensors& tensors) {
  std::unordered_map<std::string, Tensor> result;
  for (const auto& [name, value] : tensors)
    if (!result.emplace(name, value).second) fail("model: tensor '{}' occurs twice", name);
  return result;
}

}  // namespace

void Module::add(Entry entry) {
  if (entry.name.empty() || entry.name.find('.') != std::string::npos)
    fail("module: expected a name without a dot, got '{}'", entry.name);
  for (const Entry& other : registry_->entries)
    if (other.name == entry.name) fail("module: '{}' is registered twice", entry.name);
  registry_->entries.push_back(std::move(entry));
}

void Module::register_parameter(const std::string& name, const Parameter& parameter, double rate_factor) {
  Tensor value = parameter.own();
  if (!value.defined()) return;
  value.set_requires_grad();
  add({.name = name, .value = std::move(value), .rate_factor = rate_factor});
}

void Module::register_buffer(const std::string& name, Tensor value) {
  if (value.defined()) add({.name = name, .value = std::move(value), .is_buffer = true});
}

void Module::register_module(const std::string& name, const Module& child) {
  add({.name = name, .child = child.registry_});
}

void Module::register_part(const std::string& suffix, const Module& part) {
  add({.name = suffix, .child = part.registry_, .is_part = true});
}

void Module::collect(const Registry& registry, bool buffers, const Around& around, Found& out) {
  const auto& [prefix, suffix] = around;
  for (const Entry& entry : registry.entries) {
    if (entry.is_part) {
      collect(*entry.child, buffers, {prefix, entry.name + suffix}, out);
    } else if (entry.child != nullptr) {
      collect(*entry.child, buffers, {prefix + entry.name + ".", suffix}, out);
    } else if (entry.is_buffer == buffers && !contains(out.tensors, entry.value)) {
      out.tensors.push_back({fmt::format("{}{}{}", prefix, entry.name, suffix), entry.value});
      out.rate_factors.push_back(entry.rate_factor);
    }
  }
}

Module::Found Module::collect(bool buffers) const {
  Found found;
  collect(*registry_, buffers, {}, found);
  return found;
}

NamedTensors Module::named_parameters() const { return collect(false).tensors; }
NamedTensors Module::named_buffers() const { return collect(true).tensors; }
std::vector<double> Module::rate_factors() const { return collect(false).rate_factors; }

NamedTensors Module::state() const {
  NamedTensors result = named_parameters();
  append_state(result, "", named_buffers());
  return result;
}

Tensors Module::parameters() const {
  Tensors result;
  for (const NamedTensor& parameter : named_parameters()) result.push_back(parameter.value);
  return result;
}

int64_t Module::parameter_count() const {
  int64_t count = 0;
  for (const Tensor& parameter : parameters()) count += parameter.numel();
  return count;
}

void Module::load_state(const NamedTensors& state) {
  const auto given = index(state);
  NamedTensors mine = this->state();
  for (const auto& [name, value] : mine) {
    const auto found = given.find(name);
    if (found == given.end()) fail("model: tensor '{}' is missing", name);
    if (found->second.shape() != value.shape())
      fail("model: tensor '{}': expected shape {}, got {}", name, value.shape().str(), found->second.shape().str());
  }
  const auto names = names_of(mine);
  for (const auto& [name, value] : state)
    if (std::find(names.begin(), names.end(), name) == names.end())
      fail("model: there is no tensor '{}'{}", name, did_you_mean(name, names));
  for (auto& [name, value] : mine) value.copy_from(given.at(name).clone(value.dtype()));
}

void Module::set_int8(Registry& registry, bool on) {
  registry.int8 = on;
  for (const Entry& entry : registry.entries)
    if (entry.child != nullptr) set_int8(*entry.child, on);
}

void Module::infer_in_int8(bool on) { set_int8(*registry_, on); }

void Module::to(DType dtype) {
  if (dtype != DType::kF32 && dtype != DType::kF64) fail("module: expected f32 or f64, got {}", name_of(dtype));
  for (auto& [name, value] : state()) {
    if (value.dtype() == dtype || !is_floating(value.dtype())) continue;
    value.set_grad({});
    value.rebind(value.clone(dtype));
  }
}

}  // namespace recur
