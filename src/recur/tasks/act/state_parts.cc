#include "recur/tasks/act/state_parts.h"

#include "recur/base/error.h"
#include "recur/io/tensor_views.h"

namespace recur {

void save_floats(StateWriter& state, const std::string& name, std::span<const float> values) {
  state.tensor({.name = name, .dtype = "F32", .shape = {std::ssize(values)}, .data = std::as_bytes(values)});
}

std::vector<float> load_floats(const StateReader& state, const std::string& name) {
  const Tensor values = tensor_of(state.tensor(name));
  if (values.dtype() != DType::kF32) fail("{}: expected f32, got {}", name, name_of(values.dtype()));
  return {values.values<float>().begin(), values.values<float>().end()};
}

std::vector<float> load_floats(const StateReader& state, const std::string& name, size_t expected) {
  std::vector<float> values = load_floats(state, name);
  if (values.size() != expected) fail("{}: expected {} numbers, got {}", name, expected, values.size());
  return values;
}

void save_recurrent(StateWriter& state, const std::string& name, const RecurrentState& value) {
  state.integer(name + ".layers", std::ssize(value.layers));
  for (size_t l = 0; l < value.layers.size(); ++l) {
    const Tensors& parts = value.layers[l];
    state.integer(fmt::format("{}.parts.{}", name, l), std::ssize(parts));
    for (size_t k = 0; k < parts.size(); ++k) state.tensor(view_of(fmt::format("{}.{}.{}", name, l, k), parts[k]));
  }
}

RecurrentState load_recurrent(const StateReader& state, const std::string& name) {
  RecurrentState value;
  const int64_t layers = state.integer(name + ".layers");
  for (int64_t l = 0; l < layers; ++l) {
    Tensors& parts = value.layers.emplace_back();
    const int64_t count = state.integer(fmt::format("{}.parts.{}", name, l));
    for (int64_t k = 0; k < count; ++k) parts.push_back(tensor_of(state.tensor(fmt::format("{}.{}.{}", name, l, k))));
  }
  return value;
}

}  // namespace recur
