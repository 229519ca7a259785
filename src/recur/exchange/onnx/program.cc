#include "recur/exchange/onnx/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "recur/autograd/node.h"
#include "recur/autograd/trace_graph.h"
#include "recur/base/error.h"
#include "recur/base/json.h"
#include "recur/base/suggest.h"
#include "recur/exchange/onnx/read_graph.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/one_hot.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur::onnx {
namespace {

// The first opset whose operators are all as they are read here, and those that were so before.
constexpr int64_t kOldestOpset = 7, kNewestOpset = 25;
constexpr std::array<std::string_view, 6> kAlwaysSo{"Elu",      "GlobalAveragePool", "GlobalMaxPool",
                                                    "Softplus", "HardSigmoid",       "Not"};

// The size n as a tensor that a trace sees: the sum of n ones.
Tensor counted(int64_t n) { return cast(sum(filled({n}, 1, DType::kF64), 0), DType::kI64); }

}  // namespace

// --- calls --------------------------------------------------------------------------------------------------------

Value Value::constant_of(const TensorProto& proto) {
  Value value(proto.value);
  value.is_bool = proto.is_bool;
  value.is_constant = true;
  if (proto.value.dtype() == DType::kI64 && proto.value.rank() <= 1) {
    const auto own = std::as_const(proto.value).values<int64_t>();
    value.numbers.emplace(own.begin(), own.end());
    value.is_scalar = proto.value.rank() == 0;
  }
  return value;
}

Call::Call(const Program& program, const NodeProto& node, const Environment& around, Values inputs)
    : NodeAttributes(program.file(), node), program_(program), around_(around), inputs_(std::move(inputs)) {}

int64_t Call::opset() const { return program_.model().opset; }

const Value& Call::operator[](size_t k) const {
  if (!has(k)) fail_node(fmt::format("input {} is missing", k));
  return inputs_[k];
}

Tensor Call::tensor(size_t k) const {
  const Value& value = (*this)[k];
  if (value.tensor.defined()) return value.tensor;
  const std::vector<int64_t>& numbers = *value.numbers;
  if (value.is_constant) return Tensor::from(numbers, value.is_scalar ? Shape() : Shape{std::ssize(numbers)});
  Tensors parts;
  for (const int64_t number : numbers) {
    if (number < 0) fail_node(fmt::format("input {}: {} is not a size", k, number));
    parts.push_back(counted(number));
  }
  if (parts.empty()) fail_node(fmt::format("input {}: an empty list of sizes as a tensor", k));
  return value.is_scalar ? parts[0] : stack(parts);
}

std::vector<int64_t> Call::numbers(size_t k) const {
  const Value& value = (*this)[k];
  if (value.numbers) return *value.numbers;
  if (value.is_constant && value.tensor.dtype() == DType::kI32 && value.tensor.rank() <= 1) {
    const auto own = std::as_const(value.tensor).values<int32_t>();
    return {own.begin(), own.end()};
  }
  fail_node(fmt::format("input {}: expected constants, or numbers computed from sizes", k));
}

int64_t Call::number(size_t k) const {
  const std::vector<int64_t> all = numbers(k);
  if (all.size() != 1) fail_node(fmt::format("input {}: expected one number, got {}", k, all.size()));
  return all[0];
}

bool Call::are_numbers() const {
  return !inputs_.empty() && std::ranges::all_of(inputs_, [](const Value& v) { return v.numbers.has_value(); });
}

std::vector<int64_t> Call::axes(size_t k, const std::vector<int64_t>& usual) const {
  if (gives("axes")) return integers("axes");
  return has(k) ? numbers(k) : usual;
}

// --- the program --------------------------------------------------------------------------------------------------

Program::Program(ModelProto model, std::string file) : model_(std::move(model)), file_(std::move(file)) {
  if (model_.opset < 1 || model_.opset > kNewestOpset)
    fail("{}: onnx: expected a model of opset {} to {}, got {}", file_, kOldestOpset, kNewestOpset, model_.opset);
  check_operators(model_.graph);
  for (const TensorProto& tensor : model_.graph.initializers) constants_.set(tensor.name, Value::constant_of(tensor));
  declare_inputs();
  read_hints();
}

void Program::check_operators(const GraphProto& graph) const {
  for (const NodeProto& node : graph.nodes) {
    if (!node.domain.empty() && node.domain != "ai.onnx")
      fail("{}: onnx: the operator {} of the domain '{}' is not supported", file_, node.op, node.domain);
    if (find_operator(node.op) == nullptr)
      fail("{}: onnx: the operator {} is not supported{}", file_, node.op, did_you_mean(node.op, operator_names()));
    if (model_.opset < kOldestOpset && std::ranges::find(kAlwaysSo, node.op) == kAlwaysSo.end())
      fail("{}: onnx: {}: expected a model of opset {} to {}, got {}", file_, node.op, kOldestOpset, kNewestOpset,
           model_.opset);
    for (const Attribute& attribute : node.attributes)
      if (const auto* body = std::get_if<std::shared_ptr<const GraphProto>>(&attribute.value)) check_operators(**body);
  }
}

void Program::declare_inputs() {
  for (const ValueInfo& info : model_.graph.inputs) {
    if (constants_.find(info.name) != nullptr) continue;  // the value that an initializer gives is meant
    GraphInput input{.name = info.name, .dtype = dtype_of(info.type, fmt::format("the input '{}'", info.name))};
    if (!info.shape) fail("{}: onnx: the input '{}' is declared without a shape", file_, info.name);
    if (std::ssize(*info.shape) > Shape::kMaxRank)
      fail("{}: onnx: the input '{}' has {} axes: at most {} are supported", file_, info.name, info.shape->size(),
           Shape::kMaxRank);
    for (size_t k = 0; k < info.shape->size(); ++k) {
      const Dimension& dimension = (*info.shape)[k];
      if (dimension.size && *dimension.size < 0)
        fail("{}: onnx: the input '{}' has the size {}", file_, info.name, *dimension.size);
      if (dimension.size)
        input.shape.emplace_back(*dimension.size);
      else
        input.shape.emplace_back(dimension.axis.empty() ? fmt::format("{}.{}", info.name, k).c_str()
                                                        : dimension.axis.c_str());
    }
    inputs_.push_back(std::move(input));
    input_names_.push_back(info.name);
  }
}

std::string inputs_text(const std::vector<GraphInput>& inputs) {
  Json all = Json::object();
  for (const GraphInput& input : inputs) {
    Json one = Json::object();
    if (input.below > 1) one["below"] = input.below;
    if (!input.lengths_of.empty()) one["lengths_of"] = input.lengths_of;
    all[input.name] = std::move(one);
  }
  return all.dump();
}

void Program::read_hints() {
  const auto found = model_.metadata.find(kInputsKey);
  if (found == model_.metadata.end()) return;
  const std::optional<Json> hints = parse_json(found->second, 3);
  if (!hints || !hints->is_object()) fail("{}: onnx: the metadata '{}' are damaged", file_, kInputsKey);
  std::set<std::string> axes;
  for (const GraphInput& input : inputs_)
    for (const Size& size : input.shape) axes.insert(size.axis());
  for (GraphInput& input : inputs_) {
    const Json* hint = hints->find(input.name);
    if (hint == nullptr || !hint->is_object()) continue;
    if (const Json* below = hint->find("below"); below != nullptr && below->is_unsigned())
      input.below = std::max<int64_t>(1, below->get<int64_t>());
    if (const Json* axis = hint->find("lengths_of"); axis != nullptr && axis->is_text()) {
      const auto name = axis->get<std::string>();
      if (!name.empty() && axes.contains(name)) input.lengths_of = name;
    }
  }
}

void Program::run_node(const NodeProto& node, Environment& scope) const {
  Values inputs;
  for (const std::string& name : node.inputs) {
    if (name.empty()) {
      inputs.emplace_back();
      continue;
    }
    const Value* value = scope.find(name);
    if (value == nullptr) fail("{}: onnx: node {} reads '{}', which nothing before it gives", file_, node.op, name);
    inputs.push_back(*value);
  }
  const Call call(*this, node, scope, std::move(inputs));
  Values outputs = [&] {
    try {
      return find_operator(node.op)(call);
    } catch (const Error& error) {
      const std::string_view message = error.what();
      if (message.starts_with(file_)) throw Error(error.what());
      call.fail_node(message);
    }
  }();
  for (size_t k = 0; k < node.outputs.size(); ++k) {
    if (node.outputs[k].empty()) continue;
    if (k >= outputs.size() || !outputs[k].is_there()) call.fail_node(fmt::format("its output {} is not supported", k));
    scope.set(node.outputs[k], std::move(outputs[k]));
  }
}

// What depends on nothing else is computed once, outside any trace.
void Program::fold_constants() const {
  if (!folded_.empty()) return;
  const TraceScope pause(nullptr);
  const autograd::NoGrad no_grad;
  folded_.assign(model_.graph.nodes.size(), false);
  for (size_t n = 0; n < folded_.size(); ++n) {
    const NodeProto& node = model_.graph.nodes[n];
    const bool has_graph = std::ranges::any_of(node.attributes, [](const Attribute& attribute) {
      return std::holds_alternative<std::shared_ptr<const GraphProto>>(attribute.value);
    });
    const bool fixed = std::ranges::all_of(
        node.inputs, [&](const std::string& name) { return name.empty() || constants_.find(name) != nullptr; });
    if (has_graph || !fixed) continue;
    run_node(node, constants_);
    folded_[n] = true;
    for (const std::string& name : node.outputs) {
      if (name.empty()) continue;
      Value value = *constants_.find(name);
      value.is_constant = true;
      constants_.set(name, std::move(value));
    }
  }
}

Values Program::run_graph(const GraphProto& graph, Environment& scope) const {
  const bool whole = &graph == &model_.graph;
  if (!whole)
    for (const TensorProto& tensor : graph.initializers) scope.set(tensor.name, Value::constant_of(tensor));
  for (size_t n = 0; n < graph.nodes.size(); ++n)
    if (!whole || !folded_[n]) run_node(graph.nodes[n], scope);
  Values outputs;
  for (const ValueInfo& output : graph.outputs) {
    const Value* value = scope.find(output.name);
    if (value == nullptr) fail("{}: onnx: nothing gives the output '{}'", file_, output.name);
    outputs.push_back(*value);
  }
  return outputs;
}

Tensors Program::run(const Tensors& inputs) const {
  if (inputs.size() != inputs_.size())
    fail("{}: onnx: expected {} inputs, got {}", file_, inputs_.size(), inputs.size());
  fold_constants();
  Environment scope(&constants_);
  for (size_t k = 0; k < inputs.size(); ++k) scope.set(input_names_[k], Value(inputs[k]));
  Tensors outputs;
  for (const Value& value : run_graph(model_.graph, scope)) {
    if (!value.tensor.defined()) fail("{}: onnx: an output that is a size is not supported", file_);
    outputs.push_back(value.tensor);
  }
  return outputs;
}

Tensor Program::keep(const std::string& name, const std::function<Tensor()>& make) const {
  Tensor& kept = kept_[name];
  if (!kept.defined()) {
    const TraceScope pause(nullptr);
    kept = make();
  }
  return kept;
}

NamedTensors Program::constants() const {
  NamedTensors result;
  std::set<const void*> seen;
  const auto add = [&](const std::string& name, const Tensor& tensor) {
    if (tensor.defined() && is_floating(tensor.dtype()) && tensor.rank() > 0 && seen.insert(tensor.id()).second)
      result.push_back({name, tensor});
  };
  for (const auto& [name, tensor] : kept_) add(name, tensor);
  for (const auto& [name, value] : constants_.own()) add(name, value.tensor);
  return result;
}

// --- the function -------------------------------------------------------------------------------------------------

ModelFunction::ModelFunction(ModelProto model, std::string file)
    : program_(std::make_shared<const Program>(std::move(model), std::move(file))) {}

const std::vector<GraphInput>& ModelFunction::inputs() const { return program_->inputs(); }

std::vector<std::string> ModelFunction::outputs() const {
  std::vector<std::string> names;
  for (const ValueInfo& output : program_->model().graph.outputs) names.push_back(output.name);
  return names;
}

Tensors ModelFunction::operator()(const Tensors& inputs) const { return program_->run(inputs); }

Graph ModelFunction::graph() const {
  TraceSpec spec{.inputs = inputs(), .outputs = outputs()};
  const Graph named{
      .inputs = spec.inputs, .input_values = {}, .values = {}, .nodes = {}, .outputs = {}, .output_names = {}};
  const std::vector<std::string> axes = named.axes();
  if (axes.empty()) spec.sizes = {{}};
  AxisSizes small;
  for (const std::string& axis : axes) small.push_back({axis, 6});
  {
    const autograd::NoGrad no_grad;
    program_->run(random_inputs(spec.inputs, small));  // so that all constants are there
  }
  spec.parameters = program_->constants();
  return trace_graph(spec, [&](const Tensors& in) { return program_->run(in); });
}

}  // namespace recur::onnx
