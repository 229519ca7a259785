#include "recur/autograd/trace.h"

#include <fmt/format.h>

#include <algorithm>

namespace recur {
namespace {

std::vector<Size> sizes_of(const Shape& shape) { return {shape.begin(), shape.end()}; }

GraphValue value_of(Origin origin, const std::string& name, const Tensor& tensor) {
  return {.origin = origin, .name = name, .dtype = tensor.dtype(), .shape = sizes_of(tensor.shape())};
}

const std::byte* address_of(const Tensor& tensor) { return std::as_const(tensor).bytes(); }

}  // namespace

int Trace::add(GraphValue value, const Tensor& tensor) {
  const int index = static_cast<int>(graph_.values.size());
  graph_.values.push_back(std::move(value));
  kept_.push_back(tensor);
  versions_.push_back(tensor.version());
  by_id_[tensor.id()] = index;
  by_address_.emplace(address_of(tensor), index);
  return index;
}

void Trace::input(GraphInput input, const Tensor& tensor) {
  input.dtype = tensor.dtype();
  input.shape = sizes_of(tensor.shape());
  if (!input.lengths_of.empty()) remember_lengths(tensor);
  graph_.input_values.push_back(add(value_of(Origin::kInput, input.name, tensor), tensor));
  graph_.inputs.push_back(std::move(input));
}

void Trace::parameter(const std::string& name, const Tensor& tensor) {
  GraphValue value = value_of(Origin::kParameter, name, tensor);
  value.tensor = tensor;
  add(std::move(value), tensor);
}

void Trace::parameters(const NamedTensors& tensors) {
  for (const auto& [name, value] : tensors) parameter(name, value);
}

void Trace::output(const std::string& name, const Tensor& tensor) {
  graph_.outputs.push_back(find("output", graph_.outputs.size(), tensor));
  graph_.output_names.push_back(name);
}

Tensor Trace::lengths(const std::vector<int64_t>& lengths, int64_t steps) const {
  if (std::ranges::all_of(lengths, [&](int64_t length) { return length == steps; })) return {};
  for (const Tensor& known : lengths_)
    if (std::ranges::equal(known.values<int64_t>(), lengths)) return known;
  fail("trace: the lengths [{}] are neither an input of the trace nor the result of an op in it",
       fmt::join(lengths, ", "));
}

// The value behind a handle: itself, or another handle on the same elements in the same shape, such as detach() gives.
int Trace::known(const Tensor& tensor) const {
  if (const auto found = by_id_.find(tensor.id()); found != by_id_.end()) return found->second;
  const auto [begin, end] = by_address_.equal_range(address_of(tensor));
  int latest = kAbsent;
  for (auto it = begin; it != end; ++it) {
    const Tensor& other = kept_[it->second];
    if (tensor.numel() > 0 && other.shape() == tensor.shape() && other.dtype() == tensor.dtype())
      latest = std::max(latest, it->second);
  }
  return latest;
}

bool Trace::knows(const Tensor& tensor) const {
  return known(tensor) != kAbsent || (outer_ != nullptr && outer_->knows(tensor));
}

void Trace::check_unchanged(const char* op, size_t position, int value) const {
  const GraphValue& v = graph_.values[value];
  if (v.origin != Origin::kNode || kept_[value].version() == versions_[value]) return;
  fail("trace: input {} of '{}' was overwritten after '{}' had computed it", position, op, graph_.nodes[v.node].op);
}

int Trace::find(const char* op, size_t position, const Tensor& tensor) {
  if (!tensor.defined()) return kAbsent;
  if (const int value = known(tensor); value != kAbsent) {
    check_unchanged(op, position, value);
    return value;
  }
  if (outer_ != nullptr && outer_->knows(tensor)) {
    input({.name = fmt::format("outer{}", captured_.size())}, tensor);
    captured_.push_back(tensor);
    return graph_.input_values.back();
  }
  GraphValue value = value_of(Origin::kConstant, "", tensor);
  value.tensor = tensor;
  return add(std::move(value), tensor);
}

void Trace::record(const char* name, const Tensors& inputs, Attributes attributes, const Tensor& output,
                   std::shared_ptr<const Graph> body) {
  // An op that hands back what it was given has done nothing.
  const bool idle =
      std::ranges::any_of(inputs, [&](const Tensor& in) { return in.defined() && in.id() == output.id(); });
  if (!idle) record(name, inputs, std::move(attributes), Tensors{output}, std::move(body));
}

void Trace::record(const char* name, const Tensors& inputs, Attributes attributes, const Tensors& outputs,
                   std::shared_ptr<const Graph> body) {
  GraphNode node{.op = name, .inputs = {}, .outputs = {}, .attributes = std::move(attributes), .body = std::move(body)};
  for (size_t k = 0; k < inputs.size(); ++k) node.inputs.push_back(find(name, k, inputs[k]));
  for (size_t k = 0; k < outputs.size(); ++k) {
    if (!outputs[k].defined()) {
      node.outputs.push_back(kAbsent);
      continue;
    }
    GraphValue value = value_of(Origin::kNode, "", outputs[k]);
    value.node = static_cast<int>(graph_.nodes.size());
    value.output = static_cast<int>(k);
    node.outputs.push_back(add(std::move(value), outputs[k]));
  }
  graph_.nodes.push_back(std::move(node));
}

}  // namespace recur
