#include "recur/exchange/onnx/check_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/random.h"
#include "recur/base/stop.h"
#include "recur/exchange/onnx/read_graph.h"
#include "recur/exchange/onnx/relative_difference.h"
#include "recur/ops/cast.h"
#include "recur/ops/reshape.h"
#include "recur/ops/transpose.h"
#include "recur/tensor/allocation_limit.h"

namespace recur::onnx {
namespace {

constexpr int64_t kCalls = 4;
constexpr size_t kMostPairings = 24;  // of states that come out with those that go in

// --- the part of the graph that is run ----------------------------------------------------------------------------

// Nodes in order, with the branches that were taken in place of each If.
void add_nodes(const GraphProto& graph, const std::map<std::string, bool>& branches, GraphProto& into) {
  for (const NodeProto& node : graph.nodes) {
    const auto taken = node.outputs.empty() ? branches.end() : branches.find(node.outputs[0]);
    if (node.op != "If" || taken == branches.end()) {
      into.nodes.push_back(node);
      continue;
    }
    const Attribute* branch = node.find(taken->second ? "then_branch" : "else_branch");
    const auto& body = *std::get<std::shared_ptr<const GraphProto>>(branch->value);
    add_nodes(body, branches, into);
    for (size_t k = 0; k < std::min(node.outputs.size(), body.outputs.size()); ++k)
      into.nodes.push_back({.op = "Identity", .inputs = {body.outputs[k].name}, .outputs = {node.outputs[k]}});
  }
}

// What the outputs of these names need.
GraphProto part_for(const GraphAsRead& of, std::set<std::string> needed) {
  GraphProto all;
  add_nodes(of.model.graph, of.branches, all);
  GraphProto part{.name = of.model.graph.name};
  for (const ValueInfo& output : of.model.graph.outputs)
    if (needed.contains(output.name)) part.outputs.push_back(output);
  for (auto node = all.nodes.rbegin(); node != all.nodes.rend(); ++node) {
    const auto is_wanted = [&](const std::string& name) {
      return needed.contains(name) && !of.constants.contains(name);
    };
    if (std::ranges::none_of(node->outputs, is_wanted)) continue;
    needed.insert(node->inputs.begin(), node->inputs.end());
    part.nodes.push_back(std::move(*node));
  }
  std::ranges::reverse(part.nodes);
  for (const auto& [name, value] : of.constants)
    if (needed.contains(name)) part.initializers.push_back({.name = name, .value = value});
  std::ranges::copy_if(of.model.graph.inputs, std::back_inserter(part.inputs),
                       [&](const ValueInfo& each) { return needed.contains(each.name); });
  return part;
}

ModelProto model_for(const GraphAsRead& of) {
  std::set<std::string> needed(of.states_after.begin(), of.states_after.end());
  needed.insert(of.output);
  ModelProto model{.ir_version = of.model.ir_version, .opset = of.model.opset};
  model.graph = part_for(of, std::move(needed));
  return model;
}

// --- axes ---------------------------------------------------------------------------------------------------------

using Sizes = std::map<int, int64_t>;  // of axes, by their ids

// [time, sequences, features]
struct Extent {
  int64_t steps = 1, sequences = 1, features = 1;
};

enum Place { kTime, kSequence, kFeature };

Place place_of(const Factor& factor) {
  if (factor.role == Role::kTime) return kTime;
  return factor.role == Role::kFeatures || factor.role == Role::kDirections ? kFeature : kSequence;
}

// A tensor of the graph beside one of the network, [T, B, F].
class Arrangement {
 public:
  // `sizes` has those that the factors do not say.
  Arrangement(const std::vector<AxisFactors>& axes, const Sizes& sizes) {
    std::vector<Factor> factors;
    for (const AxisFactors& axis : axes) {
      int64_t product = 1;
      for (const Factor& factor : axis) {
        factors.push_back(factor);
        const int64_t size = factor.size >= 0 ? factor.size : sizes.at(factor.id);
        factor_sizes_.push_back(size);
        product *= size;
      }
      shape_.push_back(product);
    }
    for (const Place place : {kTime, kSequence, kFeature})
      for (size_t k = 0; k < factors.size(); ++k)
        if (place_of(factors[k]) == place) {
          order_.push_back(static_cast<int>(k));
          (place == kTime       ? extent_.steps
           : place == kSequence ? extent_.sequences
                                : extent_.features) *= factor_sizes_[k];
        }
  }

  const Extent& extent() const { return extent_; }

  Tensor to_graph(const Tensor& x) const {
    std::vector<int64_t> ordered;
    std::vector<int> back(order_.size());
    for (size_t k = 0; k < order_.size(); ++k) {
      ordered.push_back(factor_sizes_[static_cast<size_t>(order_[k])]);
      back[static_cast<size_t>(order_[k])] = static_cast<int>(k);
    }
    return shaped(permute(shaped(x, ordered), back), shape_);
  }

  Tensor to_network(const Tensor& y) const {
    return reshape(permute(shaped(y, factor_sizes_), order_), {extent_.steps, extent_.sequences, extent_.features});
  }

 private:
  static Tensor shaped(const Tensor& x, const std::vector<int64_t>& sizes) {
    if (std::ssize(sizes) > Shape::kMaxRank) fail("a tensor of {} axes", sizes.size());
    return reshape(x, Shape(std::span<const int64_t>(sizes)));
  }

  std::vector<int64_t> shape_, factor_sizes_;
  std::vector<int> order_;  // the factors, as [T, B, F] has them
  Extent extent_;
};

// Of a sequence, where the graph leaves them open: some more than the convolutions need for one step of output.
int64_t steps_for(const NetworkModel& network) {
  constexpr int64_t kMore = 6, kMost = 1 << 16;
  int64_t reach = 1, stride = 1;
  for (const StackLayer& layer : network.stack()) {
    if (layer.kind != "conv") continue;
    reach = std::min(reach + (layer.kernel - 1) * layer.dilation * stride, kMost);
    stride = std::min(stride * layer.stride, kMost);
  }
  return std::min(reach + kMore * stride, kMost);
}

const ValueInfo* find_value(const std::vector<ValueInfo>& values, const std::string& name) {
  const auto found = std::ranges::find(values, name, &ValueInfo::name);
  return found == values.end() ? nullptr : &*found;
}

// --- both runs ----------------------------------------------------------------------------------------------------

// The graph, called with parts of sequences.
class GraphCalls {
 public:
  // `sequences` in a batch, where the graph leaves them open.
  GraphCalls(const GraphAsRead& graph, const NetworkModel& network, const std::string& file, int64_t sequences)
      : of_(graph), network_(network), function_(model_for(graph), file) {
    for (const AxisFactors& axis : of_.input_axes)
      for (const Factor& factor : axis)
        if (factor.size < 0)
          sizes_[factor.id] = place_of(factor) == kTime       ? steps_for(network)
                              : place_of(factor) == kSequence ? sequences
                                                              : network.input_features();
    if (!of_.is_step) extent_ = Arrangement(of_.input_axes, sizes_).extent();
    if (of_.is_step) extent_.features = network.input_features();
    if (extent_.features != network.input_features())
      fail("its input has {} features, the layers read {}", extent_.features, network.input_features());
    name_sizes();
    output_ = place_of_output(of_.output);
    for (const std::string& name : of_.states_after) after_.push_back(place_of_output(name));
  }

  const Extent& extent() const { return extent_; }  // of a call

  // Whether one call may go on where another ended.
  bool goes_on() const {
    const auto& stack = network_.stack();
    const bool in_parts = std::ranges::all_of(stack, [](const StackLayer& layer) { return layer.kernel == 1; });
    return !of_.states.empty() && of_.states_after.size() >= of_.states.size() && network_.is_causal() && in_parts;
  }

  // x [T, B, F] of this call -> outputs of the graph; states: by their names, {}: zeros.
  Tensors run(const Tensor& x, const std::map<std::string, Tensor>& states) const {
    Tensors inputs;
    for (const GraphInput& input : function_.inputs()) {
      const auto state = states.find(input.name);
      if (input.name == of_.input)
        inputs.push_back(cast(arranged(x, input), input.dtype));
      else if (state != states.end())
        inputs.push_back(state->second);
      else if (of_.lengths.contains(input.name))
        inputs.push_back(Tensor::full(shape_of(input), static_cast<double>(extent_.steps), input.dtype));
      else if (of_.states.contains(input.name))
        inputs.push_back(Tensor::zeros(shape_of(input), input.dtype));
      else
        fail("its input '{}' is neither the sequence nor a state", input.name);
    }
    return function_(inputs);
  }

  // As the network has it, [T', B, O].
  Tensor output_of(const Tensors& outputs, const Tensor& ours) const {
    const Tensor& y = outputs[output_];
    if (of_.is_step) return reshape(y, {1, 1, y.numel()});
    Sizes sizes = sizes_;
    for (const AxisFactors& axis : of_.output_axes)
      for (const Factor& factor : axis)
        if (!sizes.contains(factor.id)) sizes[factor.id] = ours.size(place_of(factor));
    return Arrangement(of_.output_axes, sizes).to_network(y);
  }

  // All ways in which states that come out may be those that go in, by their shapes, the order of the graph first.
  std::vector<std::vector<size_t>> pairings(const Tensors& outputs) const {
    std::vector<std::vector<size_t>> all;
    std::vector<size_t> own;
    add_pairings(outputs, own, all);
    return all;
  }

  std::map<std::string, Tensor> states_from(const Tensors& outputs, const std::vector<size_t>& pairing) const {
    std::map<std::string, Tensor> states;
    for (size_t k = 0; k < pairing.size(); ++k) states[state_inputs()[k]->name] = outputs[pairing[k]];
    return states;
  }

 private:
  size_t place_of_output(const std::string& name) const {
    const std::vector<std::string> names = function_.outputs();
    return static_cast<size_t>(std::ranges::find(names, name) - names.begin());
  }

  std::vector<const GraphInput*> state_inputs() const {
    std::vector<const GraphInput*> states;
    for (const GraphInput& input : function_.inputs())
      if (of_.states.contains(input.name)) states.push_back(&input);
    return states;
  }

  void add_pairings(const Tensors& outputs, std::vector<size_t>& own, std::vector<std::vector<size_t>>& all) const {
    if (all.size() == kMostPairings) return;
    const std::vector<const GraphInput*> states = state_inputs();
    if (own.size() == states.size()) {
      all.push_back(own);
      return;
    }
    const Shape wanted = shape_of(*states[own.size()]);
    for (const size_t each : after_) {
      if (std::ranges::count(own, each) > 0 || outputs[each].shape() != wanted) continue;
      own.push_back(each);
      add_pairings(outputs, own, all);
      own.pop_back();
    }
  }

  // Axes of the input that have names share them with states and lengths.
  void name_sizes() {
    const ValueInfo* input = find_value(of_.model.graph.inputs, of_.input);
    if (input == nullptr || !input->shape) fail("its input '{}' has no shape", of_.input);
    for (size_t k = 0; k < std::min(input->shape->size(), of_.input_axes.size()); ++k) {
      int64_t size = 1;
      for (const Factor& factor : of_.input_axes[k]) size *= factor.size >= 0 ? factor.size : sizes_.at(factor.id);
      if (const std::string& name = (*input->shape)[k].axis; !name.empty()) named_[name] = size;
    }
  }

  Shape shape_of(const GraphInput& input) const {
    std::vector<int64_t> sizes;
    for (const Size& size : input.shape) {
      const auto named = named_.find(size.axis());
      sizes.push_back(size.is_number() ? size.number() : named != named_.end() ? named->second : extent_.sequences);
    }
    return Shape(std::span<const int64_t>(sizes));
  }

  Tensor arranged(const Tensor& x, const GraphInput& input) const {
    return of_.is_step ? reshape(x, shape_of(input)) : Arrangement(of_.input_axes, sizes_).to_graph(x);
  }

  const GraphAsRead& of_;
  const NetworkModel& network_;
  ModelFunction function_;
  Sizes sizes_;                           // of the input's open axes
  std::map<std::string, int64_t> named_;  // the same by name
  Extent extent_;
  size_t output_ = 0;
  std::vector<size_t> after_;  // places of states_after
};

Tensor random_sequences(const Extent& extent, int64_t vocabulary, uint64_t seed) {
  Random random(seed);
  Tensor x = Tensor::empty({extent.steps, extent.sequences, extent.features});
  for (int64_t i = 0; i < x.numel(); ++i)
    x.data<float>()[i] = vocabulary > 0 ? static_cast<float>(random.below(static_cast<uint64_t>(vocabulary)))
                                        : static_cast<float>(random.normal());
  return x;
}

struct Outcome {
  double difference = 0;
  int64_t first_wrong = 0;  // the call, from 1; 0: none
};

Outcome compare(const GraphAsRead& graph, const NetworkModel& network, const std::string& file, int64_t sequences) {
  const GraphCalls calls(graph, network, file, sequences);
  const int64_t count = calls.goes_on() ? kCalls : 1;
  std::vector<Tensor> parts;
  for (int64_t k = 0; k < count; ++k)
    parts.push_back(random_sequences(calls.extent(), network.vocabulary(), static_cast<uint64_t>(k) + 1));
  std::vector<Tensor> ours;
  NetworkModel::State state;
  for (const Tensor& part : parts) ours.push_back(network(part, state));
  const auto apart = [&](const Tensors& outputs, size_t call) {
    return relative_difference(ours[call], calls.output_of(outputs, ours[call]));
  };

  const Tensors first = calls.run(parts[0], {});
  Outcome best{.difference = apart(first, 0)};
  if (!(best.difference <= kMostRounding)) best.first_wrong = 1;
  if (count == 1 || best.first_wrong > 0) return best;
  const std::vector<std::vector<size_t>> pairings = calls.pairings(first);
  if (pairings.empty()) return best;
  const double of_first = best.difference;
  best.difference = INFINITY;
  for (const std::vector<size_t>& pairing : pairings) {
    Outcome own{.difference = of_first};
    Tensors outputs = first;
    for (size_t call = 1; call < parts.size(); ++call) {
      check_stop();
      outputs = calls.run(parts[call], calls.states_from(outputs, pairing));
      own.difference = std::max(own.difference, apart(outputs, call));
      if (own.first_wrong == 0 && !(own.difference <= kMostRounding)) own.first_wrong = static_cast<int64_t>(call) + 1;
    }
    if (own.difference < best.difference) best = own;
    if (best.difference <= kMostRounding) break;
  }
  if (best.difference == INFINITY) best.first_wrong = 2;
  return best;
}

// What a run may take: some times its weights, and enough for small sequences.
int64_t memory_for(const GraphProto& graph) {
  constexpr int64_t kAlways = int64_t{1} << 30, kTimesWeights = 16;
  int64_t bytes = 0;
  for (const TensorProto& each : graph.initializers)
    bytes += each.value.numel() * static_cast<int64_t>(item_size(each.value.dtype()));
  return kAlways + kTimesWeights * bytes;
}

}  // namespace

std::optional<double> check_layers(const GraphAsRead& graph, const NetworkModel& network, const std::string& file) {
  Outcome outcome;
  try {
    const autograd::NoGrad no_grad;
    const AllocationLimit limit(memory_for(graph.model.graph));
    try {
      outcome = compare(graph, network, file, 2);
    } catch (const Error&) {
      outcome = compare(graph, network, file, 1);  // some exporters fix the size of a batch without saying so
    }
  } catch (const Error& error) {
    const std::string_view what = error.what();
    log_warning("{}: the layers were not compared with a run of the graph: {}", file,
                what.starts_with(file + ": ") ? what.substr(file.size() + 2) : what);
    return {};
  }
  if (outcome.first_wrong == 1)
    fail(
        "{}: onnx: run on random numbers, the graph does not give what the layers give that were read from it: the "
        "largest difference is {:.1e}",
        file, outcome.difference);
  if (outcome.first_wrong > 1)
    fail(
        "{}: onnx: its states do not come back in their places: run on random numbers from states of zeros, the graph "
        "gives what the layers give until call {}, where the largest difference is {:.1e}",
        file, outcome.first_wrong, outcome.difference);
  return outcome.difference;
}

}  // namespace recur::onnx
