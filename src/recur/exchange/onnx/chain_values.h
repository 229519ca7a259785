// The values of a graph that is read as layers in a row. For the files of this folder whose names begin with chain.
#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "recur/base/error.h"
#include "recur/exchange/found_layers.h"
#include "recur/exchange/onnx/chain.h"
#include "recur/exchange/onnx/node_attributes.h"
#include "recur/exchange/onnx/tensor_layout.h"

namespace recur::onnx::chain {

// An input of the graph, or what layers make of it.
struct Computed {
  std::string input = {};  // of the graph
  int layer = -1;          // the last one, in Chain; -1: none yet
  TensorLayout layout = {};
  bool is_state = false;  // Y_h as it is
  int direction = -1;     // 0, 1: that of a bidirectional layer alone
  // Zeros that a Pad adds along time, for the convolution behind it.
  int64_t before = 0, after = 0;
};

// Y_h of several layers as one tensor, the directions of each in a row along its first axis.
struct States {
  std::vector<Computed> parts;
  int64_t each = 1;  // directions of a part
};

struct SizeList {
  std::vector<TargetSize> sizes;
};

struct Zeros {};  // of any shape

// Elements of one step, of a graph that is called once a step. Whatever arranges elements arranges their numbers.
struct Elements {
  std::string input = {};  // of the graph
  int layer = -1;          // what they are features of, in Chain; -1: of the input
  int64_t features = 0;    // of it
  Tensor from = {};        // i64, of the shape of the value: which feature each element is, -1: zero
  bool is_state = false;   // Y_h as it is
};

// What is not read. That is an error only where an output needs it.
struct Refusal {
  enum Depends { kInputs, kStates, kLayers };
  std::shared_ptr<const std::string> why;
  Depends depends = kInputs;
  // Elements of inputs of the graph in another order or shape, nothing else.
  bool is_moved = false;
  std::set<std::string> inputs = {};
};

using ChainValue = std::variant<Refusal, Tensor, Computed, Elements, States, SizeList, Zeros>;
using ChainValues = std::vector<ChainValue>;

constexpr size_t kMostLayers = 1000;  // as many as a network may have

// All layers that are found, each behind one other.
class Chain {
 public:
  struct Link {
    int parent = -1;
    FoundLayer found;
  };

  const Link& operator[](int layer) const { return links_[static_cast<size_t>(layer)]; }
  std::string_view kind(int layer) const { return layer < 0 ? "" : std::string_view((*this)[layer].found.layer.kind); }
  int add(int parent, FoundLayer found) {
    if (links_.size() == kMostLayers) fail("{}: the graph has more than {} layers", found.name, kMostLayers);
    links_.push_back({parent, std::move(found)});
    return static_cast<int>(links_.size()) - 1;
  }
  // Behind `parent`, all steps from the last to the first.
  int reversed(int parent) {
    return kind(parent) == "reverse" ? (*this)[parent].parent : add(parent, plain_layer({.kind = "reverse"}));
  }
  bool leads_to(int first, int layer) const {
    while (layer > first) layer = (*this)[layer].parent;
    return layer == first;
  }
  // Layers behind `first` up to `layer`, to which it leads.
  int64_t distance(int first, int layer) const {
    int64_t count = 0;
    for (; layer > first; layer = (*this)[layer].parent) ++count;
    return count;
  }
  FoundStack stack_to(int layer) const {
    FoundStack stack;
    for (; layer >= 0; layer = (*this)[layer].parent) stack.insert(stack.begin(), (*this)[layer].found);
    return stack;
  }
  // Throws Error by the node's name where the tensors that are made of its constants become too many.
  void spend(const NodeAttributes& node, int64_t elements) {
    constexpr int64_t kMost = int64_t{1} << 27;
    if (elements > kMost - spent_) node.fail_node(fmt::format("the layers would have more than {} weights", kMost));
    spent_ += elements;
  }
  int new_axis() { return next_axis_++; }  // an id for a Factor of steps or sequences
  // What a layer takes the axes of its input for.
  void note(const TensorLayout& layout) {
    for (int axis = 0; axis < layout.rank(); ++axis)
      for (const Factor& factor : layout[axis])
        if (factor.id >= 0 && (factor.role != Role::kOpen || !roles_.contains(factor.id)))
          roles_[factor.id] = factor.role;
  }
  const std::map<int, Role>& roles() const { return roles_; }  // by ids of axes

  std::set<std::string> states, lengths;  // inputs that are read as such

 private:
  std::map<int, Role> roles_;
  std::vector<Link> links_;
  int next_axis_ = 0;
  int64_t spent_ = 0;
};

// A node and its inputs.
class ChainNode : public NodeAttributes {
 public:
  ChainNode(const std::string& file, const NodeProto& node, int64_t opset, std::vector<const ChainValue*> inputs)
      : NodeAttributes(file, node), opset_(opset), inputs_(std::move(inputs)) {}

  int64_t opset() const { return opset_; }
  size_t size() const { return inputs_.size(); }
  bool has(size_t k) const { return k < inputs_.size() && inputs_[k] != nullptr; }
  const ChainValue& operator[](size_t k) const;
  template <class T>
  const T* find(size_t k) const {
    return has(k) ? std::get_if<T>(inputs_[k]) : nullptr;
  }
  // Error where it is another kind of value.
  const Computed& computed(size_t k) const;
  Tensor constant(size_t k) const;  // f32
  Tensor constant_or_none(size_t k) const { return has(k) ? constant(k) : Tensor(); }
  std::vector<int64_t> numbers(size_t k) const;
  // As an attribute, or, since some opset, input k.
  std::vector<int64_t> numbers_of(const char* attribute, size_t k, const std::vector<int64_t>& usual) const;

  // The same, reading another value, which must outlive it.
  ChainNode with(size_t k, const ChainValue& value) const {
    ChainNode other = *this;
    other.inputs_[k] = &value;
    return other;
  }

  std::string place() const { return node().name.empty() ? node().outputs.front() : node().name; }

 private:
  int64_t opset_;
  std::vector<const ChainValue*> inputs_;
};

// Whole numbers of a constant. Undefined where it has none.
bool are_numbers(const Tensor& constant);
std::vector<int64_t> numbers_in(const Tensor& constant);

struct ChainOperator {
  const char* name;
  ChainValues (*read)(Chain& chain, const ChainNode& node);
};
std::span<const ChainOperator> layer_operators();
// A node that reads Elements.
ChainValues read_elements(Chain& chain, const ChainNode& node, const FoldNode& fold);
Elements elements_of_input(const std::string& input, const Shape& shape);
bool are_in_order(const Elements& x);  // all features, each once, as they are in the layer
std::span<const ChainOperator> glue_operators();

}  // namespace recur::onnx::chain
