// Running the nodes of an ONNX graph with Recur's ops, under a trace or not. For the files of this folder.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recur/autograd/graph.h"
#include "recur/exchange/onnx/node_attributes.h"
#include "recur/tensor/named_tensors.h"

namespace recur::onnx {

// A value of the graph while it runs. Sizes, and what is computed from them, are numbers that the program knows, so
// that a trace sees them as sizes of ops and not as tensors.
struct Value {
  Tensor tensor = {};                                // undefined: absent, or numbers only
  std::optional<std::vector<int64_t>> numbers = {};  // i64, of rank 1 or 0
  bool is_scalar = false;                            // numbers of rank 0
  bool is_bool = false;                              // u8, 0 or 1
  bool is_constant = false;                          // the same in every run

  Value() = default;
  Value(Tensor of) : tensor(std::move(of)) {}
  static Value boolean(Tensor of) {
    Value value(std::move(of));
    value.is_bool = true;
    return value;
  }
  static Value known(std::vector<int64_t> numbers, bool is_scalar = false) {
    Value value;
    value.numbers = std::move(numbers);
    value.is_scalar = is_scalar;
    return value;
  }
  static Value constant_of(const TensorProto& proto);

  bool is_there() const { return tensor.defined() || numbers.has_value(); }
};
using Values = std::vector<Value>;

class Program;

// The values of a graph by name, and those of the graph around it.
class Environment {
 public:
  explicit Environment(const Environment* outer = nullptr) : outer_(outer) {}

  const Value* find(const std::string& name) const {
    const auto found = values_.find(name);
    if (found != values_.end()) return &found->second;
    return outer_ == nullptr ? nullptr : outer_->find(name);
  }
  void set(const std::string& name, Value value) { values_[name] = std::move(value); }
  const std::map<std::string, Value>& own() const { return values_; }

 private:
  const Environment* outer_;
  std::map<std::string, Value> values_;
};

// A node that is to be run.
class Call : public NodeAttributes {
 public:
  Call(const Program& program, const NodeProto& node, const Environment& around, Values inputs);

  const Program& program() const { return program_; }
  const Environment& around() const { return around_; }
  int64_t opset() const;

  size_t size() const { return inputs_.size(); }
  bool has(size_t k) const { return k < inputs_.size() && inputs_[k].is_there(); }
  // An input that must be there.
  const Value& operator[](size_t k) const;
  // As a tensor, whatever it is.
  Tensor tensor(size_t k) const;
  Tensor tensor_or_none(size_t k) const { return has(k) ? tensor(k) : Tensor(); }
  // Integers that the program knows: constants, or computed from sizes.
  std::vector<int64_t> numbers(size_t k) const;
  int64_t number(size_t k) const;
  bool are_numbers() const;  // all inputs that are there

  // The axes that an attribute `axes`, or, since some opset, input k names; `usual` where neither does.
  std::vector<int64_t> axes(size_t k, const std::vector<int64_t>& usual) const;

 private:
  const Program& program_;
  const Environment& around_;
  Values inputs_;
};

// What a node's operator does. Null: unknown.
using RunNode = Values (*)(const Call& call);
RunNode find_operator(std::string_view op);
std::vector<std::string_view> operator_names();

// Operators with a file of their own.
Values run_recurrent(const Call& call);  // RNN, LSTM, GRU
Values run_scan_operator(const Call& call);

class Program {
 public:
  // Computes nothing yet.
  Program(ModelProto model, std::string file);

  const std::string& file() const { return file_; }
  const ModelProto& model() const { return model_; }
  const std::vector<GraphInput>& inputs() const { return inputs_; }
  Tensors run(const Tensors& inputs) const;
  // The outputs of a graph whose inputs are in `scope`.
  Values run_graph(const GraphProto& graph, Environment& scope) const;

  // A tensor that is made of constants alone: made once, and a parameter of graphs by this name.
  Tensor keep(const std::string& name, const std::function<Tensor()>& make) const;
  // All constants, once each.
  NamedTensors constants() const;

 private:
  void check_operators(const GraphProto& graph) const;
  void declare_inputs();
  void read_hints();
  void run_node(const NodeProto& node, Environment& scope) const;
  void fold_constants() const;

  ModelProto model_;
  std::string file_;
  std::vector<GraphInput> inputs_;
  std::vector<std::string> input_names_;
  // Filled in the first run, which is why a program is not for several threads.
  mutable Environment constants_;
  mutable std::vector<bool> folded_;  // nodes of the model's graph that constants_ has the results of; empty: not yet
  mutable std::map<std::string, Tensor> kept_;
};

}  // namespace recur::onnx
