#include "recur/tasks/trained_graph.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "recur/base/error.h"
#include "recur/decode/flat_state.h"

namespace recur {
namespace {

// "h_l0", "c_l1_reverse": of a cell its hidden and inner states. Other layers' are h, c, s2, s3 in their order.
std::vector<std::string> state_names(const Recurrent& rnn, const std::string& prefix) {
  std::vector<std::string> names;
  const size_t directions = rnn.options().bidirectional ? 2 : 1;
  const RecurrentState zero = rnn.zero_state(1);
  for (size_t i = 0; i < zero.layers.size(); ++i) {
    for (size_t k = 0; k < zero.layers[i].size(); ++k) {
      const std::string part = k == 0 ? "h" : k == 1 ? "c" : fmt::format("s{}", k);
      names.push_back(fmt::format("{}{}_l{}{}", prefix, part, i / directions, i % directions == 1 ? "_reverse" : ""));
    }
  }
  return names;
}

}  // namespace

GraphOutline::GraphOutline(const Module& network) {
  if (network.infers_in_int8()) fail_usage("the weights of the model are int8: export the model that it was made from");
  spec_.parameters = network.state();
  dtype_ = spec_.parameters.empty() ? DType::kF32 : spec_.parameters.front().value.dtype();
}

size_t GraphOutline::input(GraphInput input, std::string what) {
  spec_.inputs.push_back(std::move(input));
  result_.inputs.push_back(std::move(what));
  return spec_.inputs.size() - 1;
}

size_t GraphOutline::symbols(std::string name, std::vector<Size> shape, int64_t below, std::string what) {
  return input({.name = std::move(name), .dtype = DType::kI32, .shape = std::move(shape), .below = below},
               std::move(what));
}

size_t GraphOutline::numbers(std::string name, std::vector<Size> shape, std::string what) {
  return input({.name = std::move(name), .dtype = dtype_, .shape = std::move(shape)}, std::move(what));
}

size_t GraphOutline::lengths(std::string name, const char* batch, const char* axis, std::string what) {
  return input({.name = std::move(name), .dtype = DType::kI64, .shape = {batch}, .lengths_of = axis}, std::move(what));
}

size_t GraphOutline::states(const Recurrent& rnn, const std::string& prefix) {
  const size_t first = spec_.inputs.size();
  const std::vector<std::string> names = state_names(rnn, prefix);
  size_t k = 0;
  for (const Tensor& zero : flat_state(rnn.zero_state(1))) {
    std::vector<Size> shape{"B"};
    for (int axis = 1; axis < zero.rank(); ++axis) shape.emplace_back(zero.size(axis));
    numbers(names[k++], std::move(shape), "state before the first step, zeros at the beginning");
  }
  return first;
}

void GraphOutline::output(std::string name, std::string what) {
  spec_.outputs.push_back(std::move(name));
  result_.outputs.push_back(std::move(what));
}

void GraphOutline::output_states(const Recurrent& rnn, const std::string& prefix) {
  for (const std::string& name : state_names(rnn, prefix))
    output(name + "_after", fmt::format("state after the last step, {} of the next call", name));
}

TrainedGraph GraphOutline::trace(const TensorFunction& f) && {
  result_.graph = trace_graph(spec_, f);
  return std::move(result_);
}

RecurrentState states_of(const Tensors& inputs, size_t first, const Recurrent& rnn) {
  return layered_state(std::span(inputs).subspan(first), rnn.zero_state(1));
}

std::string part_of(const GraphRequest& request, std::string_view task, const std::vector<std::string>& parts) {
  if (request.part.empty()) return parts.empty() ? "" : parts.front();
  if (parts.empty()) fail_usage("part: the network of the task '{}' has one part only", task);
  if (std::ranges::find(parts, request.part) == parts.end())
    fail_usage("part: expected {}, got '{}'", fmt::join(parts, " or "), request.part);
  return request.part;
}

void refuse_stateful(const GraphRequest& request, std::string_view why) {
  if (request.stateful) fail_usage("stateful: {}", why);
}

}  // namespace recur
