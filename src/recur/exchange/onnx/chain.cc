#include "recur/exchange/onnx/chain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "recur/base/error.h"
#include "recur/base/log.h"
#include "recur/base/suggest.h"
#include "recur/exchange/onnx/chain_layers.h"
#include "recur/exchange/onnx/fuse_nodes.h"
#include "recur/exchange/onnx/given_inputs.h"

namespace recur::onnx {
namespace {

using namespace chain;

// Operators that give the elements of their input in another order or shape.
constexpr std::array<std::string_view, 11> kMoves{"Cast",  "Concat", "Flatten", "Gather",    "Identity", "Reshape",
                                                  "Slice", "Split",  "Squeeze", "Transpose", "Unsqueeze"};
// Those that may read what is not known, since they look at one input at most.
constexpr std::array<std::string_view, 5> kLookAtFirst{"RNN", "LSTM", "GRU", "Expand", "ReverseSequence"};

bool is_in(std::span<const std::string_view> list, std::string_view op) { return std::ranges::count(list, op) > 0; }

const ChainOperator* operator_of(std::string_view op) {
  for (const auto& list : {layer_operators(), glue_operators()}) {
    const auto found =
        std::ranges::find(list, op, [](const ChainOperator& each) { return std::string_view(each.name); });
    if (found != list.end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string_view> known_operators() {
  std::vector<std::string_view> names{"Constant"};
  for (const auto& list : {layer_operators(), glue_operators()})
    for (const ChainOperator& each : list) names.emplace_back(each.name);
  std::ranges::sort(names);
  return names;
}

bool has_graph(const NodeProto& node) {
  return std::ranges::any_of(node.attributes, [](const Attribute& attribute) {
    return std::holds_alternative<std::shared_ptr<const GraphProto>>(attribute.value);
  });
}

class Walk {
 public:
  // `is_step`: a call of the graph is one step of sequences of its inputs.
  Walk(const ModelProto& model, const std::string& file, const FoldNode& fold, bool is_step)
      : model_(model), file_(file), fold_(fold), is_step_(is_step) {}

  LayersInARow layers() {
    for (const TensorProto& tensor : model_.graph.initializers) values_[tensor.name] = tensor.value;
    for (const ValueInfo& input : model_.graph.inputs)
      if (!values_.contains(input.name)) values_[input.name] = value_of(input);
    for (const NodeProto& node : model_.graph.nodes) read(node);
    const auto [y, name] = output();
    LayersInARow result{.stack = chain_.stack_to(y.layer), .input = 0};
    for (const auto* other : {&chain_.states, &chain_.lengths})
      if (other->contains(y.input))
        fail("{}: onnx: the input '{}' is read both as a sequence and as a state or lengths", file_, y.input);
    result.input = features_of_input(result.stack, y.input);
    fit_scales(result);
    tell(y);
    result.graph = as_read(y, name);
    return result;
  }

 private:
  ChainValue value_of(const ValueInfo& input) {
    if (!input.shape || std::ssize(*input.shape) > TensorLayout::kMostAxes) {
      return Refusal{.why = text(fmt::format("{}: onnx: the input '{}': expected a shape of at most {} axes", file_,
                                             input.name, TensorLayout::kMostAxes)),
                     .inputs = {input.name}};
    }
    if (is_step_) return step_of(input);
    std::vector<AxisFactors> axes;
    for (const Dimension& dimension : *input.shape) {
      const int64_t size = dimension.size.value_or(-1);
      if (size < -1) fail("{}: onnx: the input '{}' has the size {}", file_, input.name, size);
      axes.push_back({{.id = id_of(dimension), .role = Role::kOpen, .size = size}});
    }
    return Computed{.input = input.name, .layout = TensorLayout(std::move(axes))};
  }

  ChainValue step_of(const ValueInfo& input) const {
    constexpr int64_t kMost = 1 << 24;
    std::vector<int64_t> sizes;
    int64_t count = 1;
    for (const Dimension& dimension : *input.shape) {
      sizes.push_back(dimension.size.value_or(0));
      if (sizes.back() < 1 || __builtin_mul_overflow(count, sizes.back(), &count) || count > kMost) {
        return Refusal{.why = text(fmt::format("{}: onnx: the input '{}': expected axes of known sizes, of at most {} "
                                               "elements in all; --input {}=1x512 gives them",
                                               file_, input.name, kMost, input.name)),
                       .inputs = {input.name}};
      }
    }
    return elements_of_input(input.name, Shape(std::span<const int64_t>(sizes)));
  }

  // Axes of one name are of one size.
  int id_of(const Dimension& dimension) {
    if (dimension.axis.empty()) return chain_.new_axis();
    const auto [found, is_new] = axes_.try_emplace(dimension.axis, 0);
    if (is_new) found->second = chain_.new_axis();
    return found->second;
  }

  static std::shared_ptr<const std::string> text(std::string message) {
    return std::make_shared<const std::string>(std::move(message));
  }

  void read(const NodeProto& node) {
    if (node.outputs.empty()) return;
    std::vector<const ChainValue*> inputs;
    for (const std::string& name : node.inputs) {
      const auto found = values_.find(name);
      if (!name.empty() && found == values_.end())
        fail("{}: onnx: node {} reads '{}', which nothing before it gives", file_, node.op, name);
      inputs.push_back(name.empty() ? nullptr : &found->second);
    }
    ChainValues outputs = node.op == "If" ? branch_of(node, inputs) : value_of(node, inputs);
    if (outputs.empty()) outputs.emplace_back(refusal(node, inputs, message(node, "it gives nothing")));
    for (size_t k = outputs.size(); k < node.outputs.size(); ++k) {
      const auto* refused = std::get_if<Refusal>(&outputs[0]);
      const std::string why =
          refused != nullptr ? *refused->why : message(node, fmt::format("its output {} is not read", k));
      outputs.emplace_back(refusal(node, inputs, why));
    }
    for (size_t k = 0; k < node.outputs.size(); ++k) {
      if (node.outputs[k].empty()) continue;
      if (!values_.try_emplace(node.outputs[k], std::move(outputs[k])).second)
        fail("{}: onnx: node {} gives '{}', which another gives as well", file_, node.op, node.outputs[k]);
    }
  }

  // Of the branch that a constant condition takes. The names of a branch are those of no other value.
  ChainValues branch_of(const NodeProto& node, const std::vector<const ChainValue*>& inputs) {
    const auto* condition = inputs.empty() || inputs[0] == nullptr ? nullptr : std::get_if<Tensor>(inputs[0]);
    const auto* refused = inputs.empty() || inputs[0] == nullptr ? nullptr : std::get_if<Refusal>(inputs[0]);
    if (refused != nullptr && refused->depends != Refusal::kInputs) return {refusal(node, inputs, *refused->why)};
    if (condition == nullptr || condition->numel() != 1) {
      return {
          refusal(node, inputs, message(node, "its condition is no constant; --input NAME=VALUE makes an input one"))};
    }
    const Attribute* taken = node.find(condition->item() != 0 ? "then_branch" : "else_branch");
    const auto* graph = taken == nullptr ? nullptr : std::get_if<std::shared_ptr<const GraphProto>>(&taken->value);
    if (graph == nullptr || *graph == nullptr) fail("{}", message(node, "it has no such branch"));
    branches_[node.outputs[0]] = condition->item() != 0;
    for (const TensorProto& tensor : (*graph)->initializers) values_[tensor.name] = tensor.value;
    for (const NodeProto& each : (*graph)->nodes) read(each);
    ChainValues outputs;
    for (const ValueInfo& each : (*graph)->outputs) {
      const auto found = values_.find(each.name);
      if (found == values_.end()) fail("{}: onnx: nothing gives '{}' of a branch of {}", file_, each.name, node.op);
      outputs.push_back(found->second);
    }
    if (outputs.empty()) fail("{}", message(node, "its branch gives nothing"));
    return outputs;
  }

  std::string message(const NodeProto& node, std::string_view what) const {
    return NodeAttributes(file_, node).message(what);
  }

  ChainValues value_of(const NodeProto& node, const std::vector<const ChainValue*>& inputs) {
    try {
      if (auto folded = folded_of(node, inputs)) return *std::move(folded);
      return read_of(node, inputs);
    } catch (const Error& error) {
      const std::string what = error.what();
      return {refusal(node, inputs, what.starts_with(file_) ? what : message(node, what))};
    }
  }

  ChainValues read_of(const NodeProto& node, const std::vector<const ChainValue*>& inputs) {
    const size_t looked_at = node.op == "ConstantOfShape" ? 0 : is_in(kLookAtFirst, node.op) ? 1 : inputs.size();
    const Refusal* refused = nullptr;
    for (size_t k = 0; k < std::min(looked_at, inputs.size()); ++k) {
      const auto* each = inputs[k] == nullptr ? nullptr : std::get_if<Refusal>(inputs[k]);
      if (each != nullptr && (refused == nullptr || each->depends > refused->depends)) refused = each;
    }
    const ChainOperator* known = operator_of(node.op);
    const bool foreign = !node.domain.empty() && node.domain != "ai.onnx";
    const bool is_step = std::ranges::any_of(
        inputs, [](const ChainValue* input) { return input != nullptr && std::holds_alternative<Elements>(*input); });
    const bool is_read = (known != nullptr || is_step) && !foreign && !has_graph(node);
    // What does not come from layers is no reason yet.
    if (refused != nullptr && (is_read || refused->depends != Refusal::kInputs))
      return {refusal(node, inputs, *refused->why)};
    if (!is_read) return {refusal(node, inputs, unknown(node, foreign))};
    const ChainNode read(file_, node, model_.opset, inputs);
    return is_step ? read_elements(chain_, read, fold_) : known->read(chain_, read);
  }

  // What constants alone decide.
  std::optional<ChainValues> folded_of(const NodeProto& node, const std::vector<const ChainValue*>& inputs) {
    if (has_graph(node) || !node.domain.empty()) return {};
    Tensors constants;
    for (const ChainValue* input : inputs) {
      if (input != nullptr && !std::holds_alternative<Tensor>(*input)) return {};
      constants.push_back(input == nullptr ? Tensor() : std::get<Tensor>(*input));
    }
    Tensors made = fold_(node, constants);
    if (made.empty()) return {};
    return ChainValues(made.begin(), made.end());
  }

  std::string unknown(const NodeProto& node, bool foreign) const {
    if (foreign) return message(node, fmt::format("operators of the domain '{}' are not read", node.domain));
    const std::vector<std::string_view> names = known_operators();
    return message(node, fmt::format("this operator is not read{}; these are: {}", did_you_mean(node.op, names),
                                     fmt::join(names, ", ")));
  }

  Refusal refusal(const NodeProto& node, const std::vector<const ChainValue*>& inputs, std::string why) const {
    Refusal result{.why = text(std::move(why)), .is_moved = is_in(kMoves, node.op)};
    if (has_graph(node)) result.depends = Refusal::kLayers;  // its graph may read any value
    for (const ChainValue* input : inputs) {
      if (input == nullptr) continue;
      result.depends = std::max(result.depends, depends_of(*input));
      result.inputs.merge(inputs_of(*input));
      const auto* refused = std::get_if<Refusal>(input);
      if (refused != nullptr && !refused->is_moved) result.is_moved = false;
    }
    return result;
  }

  // --- outputs ---

  struct Output {
    Computed y;
    std::string name;
  };

  // The only one, or the one that all others lead to.
  Output output() const {
    std::vector<Output> made, states;
    for (const ValueInfo& each : model_.graph.outputs) {
      const auto found = values_.find(each.name);
      if (found == values_.end()) fail("{}: onnx: nothing gives the output '{}'", file_, each.name);
      if (const auto* refused = std::get_if<Refusal>(&found->second)) {
        if (refused->depends != Refusal::kStates) fail("{}", *refused->why);
      } else if (const auto* computed = std::get_if<Computed>(&found->second)) {
        (computed->is_state ? states : made).push_back({*computed, each.name});
      } else if (const auto* elements = std::get_if<Elements>(&found->second)) {
        if (!are_in_order(*elements))
          fail("{}: onnx: its output '{}': expected all that a layer computes, in order", file_, each.name);
        (elements->is_state ? states : made)
            .push_back({{.input = elements->input, .layer = elements->layer}, each.name});
      }
    }
    if (made.empty()) made = states;
    if (made.empty()) fail("{}", why_none());
    Output last = *std::ranges::max_element(made, {}, [](const Output& each) { return each.y.layer; });
    const Computed& y = last.y;
    for (const Output& each : made) {
      if (each.y.input != y.input || !chain_.leads_to(each.y.layer, y.layer))
        fail("{}: onnx: its outputs {} are of several branches; only layers in a row are read", file_, output_names());
    }
    if (y.layer < 0 || y.direction >= 0 || y.before + y.after != 0)
      fail("{}: onnx: its outputs {}: expected what a layer computes, all of it", file_, output_names());
    return last;
  }

  std::string why_none() const {
    for (const ValueInfo& each : model_.graph.outputs)
      if (const auto* refused = std::get_if<Refusal>(&values_.at(each.name))) return *refused->why;
    return fmt::format("{}: onnx: no output is computed by layers", file_);
  }

  std::string output_names() const {
    std::vector<std::string> names;
    for (const ValueInfo& each : model_.graph.outputs) names.push_back(fmt::format("'{}'", each.name));
    return fmt::format("{}", fmt::join(names, ", "));
  }

  // Scales by one number, as many as there are features.
  static void fit_scales(LayersInARow& layers) {
    int64_t features = layers.input;
    for (FoundLayer& found : layers.stack) {
      if (found.layer.kind == "scale" && found.input == 0) {
        found.input = features;
        for (NamedTensor& each : found.tensors) each.value = Tensor::full({features}, each.value.item());
      }
      features = features_after(found.layer, features);
    }
  }

  // Where the layers do not say it, its last axis.
  int64_t features_of_input(const FoundStack& stack, const std::string& input) const {
    const auto shows = std::ranges::find_if(stack, [](const FoundLayer& each) { return each.input > 0; });
    if (shows != stack.end()) return shows->input;
    if (const auto* elements = std::get_if<Elements>(&values_.at(input))) return elements->features;
    const auto* computed = std::get_if<Computed>(&values_.at(input));
    const TensorLayout& layout = computed->layout;
    if (layout.rank() == 0 || layout.size(layout.rank() - 1) < 1)
      fail("{}: onnx: the input '{}' does not say how many features it has", file_, input);
    return layout.size(layout.rank() - 1);
  }

  // --- the graph as it was read ---

  GraphAsRead as_read(const Computed& y, const std::string& name) const {
    GraphAsRead graph;
    for (const auto& [key, value] : values_)
      if (const auto* constant = std::get_if<Tensor>(&value)) graph.constants[key] = *constant;
    graph.branches = branches_;
    graph.input = y.input;
    graph.output = name;
    graph.states = chain_.states;
    graph.lengths = chain_.lengths;
    graph.is_step = is_step_;
    for (const ValueInfo& each : model_.graph.outputs)
      if (depends_of(values_.at(each.name)) == Refusal::kStates) graph.states_after.push_back(each.name);
    Chain known = chain_;
    for (const auto& [key, value] : values_)
      if (const auto* computed = std::get_if<Computed>(&value);
          computed != nullptr && computed->layer >= 0 && computed->layout.has(Role::kFeatures))
        known.note(computed->layout);
    if (const auto* x = std::get_if<Computed>(&values_.at(y.input)))
      graph.input_axes = axes_with(known.roles(), x->layout);
    graph.output_axes = axes_with(known.roles(), y.layout);
    return graph;
  }

  // Those that no layer has taken as time or batch, or left as one of both, are features.
  static std::vector<AxisFactors> axes_with(const std::map<int, Role>& roles, const TensorLayout& layout) {
    std::vector<AxisFactors> axes;
    for (int axis = 0; axis < layout.rank(); ++axis) {
      axes.push_back(layout[axis]);
      for (Factor& factor : axes.back()) {
        if (factor.id < 0) continue;
        const auto found = roles.find(factor.id);
        factor.role = found == roles.end() ? Role::kFeatures : found->second;
      }
    }
    return axes;
  }

  void tell(const Computed& y) const {
    if (!chain_.states.empty())
      log_info("{}: states begin with zeros, and a stream keeps them: the inputs {} are left out", file_,
               fmt::join(chain_.states, ", "));
    if (!chain_.lengths.empty())
      log_info("{}: the lengths {} are left out, since sequences are read without padding", file_,
               fmt::join(chain_.lengths, ", "));
    std::vector<std::string> left;
    for (const ValueInfo& each : model_.graph.outputs) {
      const auto* computed = std::get_if<Computed>(&values_.at(each.name));
      const auto* elements = std::get_if<Elements>(&values_.at(each.name));
      const int layer = computed != nullptr ? computed->layer : elements != nullptr ? elements->layer : -1;
      if (layer != y.layer) left.push_back(each.name);
    }
    if (!left.empty()) log_info("{}: the outputs {} are left out", file_, fmt::join(left, ", "));
  }

  const ModelProto& model_;
  const std::string& file_;
  const FoldNode& fold_;
  bool is_step_;
  Chain chain_;
  std::map<std::string, int> axes_;       // ids of those with names
  std::map<std::string, bool> branches_;  // as GraphAsRead has them
  std::map<std::string, ChainValue> values_;
};

}  // namespace

LayersInARow layers_in_a_row(const ModelProto& model, const std::string& file, const FoldNode& fold,
                             const std::vector<std::string>& inputs) {
  ModelProto given = model;
  const bool is_step = give_inputs(given, file, inputs);
  ModelProto whole = given;
  whole.graph = fused(given.graph);
  LayersInARow read = Walk(whole, file, fold, is_step).layers();
  read.graph.model = std::move(given);
  return read;
}

}  // namespace recur::onnx
