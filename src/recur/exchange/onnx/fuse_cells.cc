// Recurrent layers that exporters take apart: one step, with states in and out.
#include <algorithm>
#include <array>

#include "recur/exchange/onnx/fuse_nodes.h"

namespace recur::onnx {
namespace {

// One of several equal parts of a value along its last axis.
struct Part {
  std::string whole;
  size_t index = 0, count = 0;
};

bool are_equal_parts(const GraphPattern& graph, const NodeProto& split) {
  std::vector<int64_t> sizes;
  if (const Attribute* given = split.find("split")) {
    if (const auto* list = std::get_if<std::vector<int64_t>>(&given->value)) sizes = *list;
  } else if (split.inputs.size() > 1 && !split.inputs[1].empty()) {
    const Tensor* given_sizes = graph.constant(split.inputs[1]);
    if (given_sizes == nullptr || given_sizes->dtype() != DType::kI64) return false;
    sizes.assign(given_sizes->values<int64_t>().begin(), given_sizes->values<int64_t>().end());
  }
  return std::ranges::all_of(sizes, [&](int64_t size) { return size == sizes.front(); });
}

std::optional<Part> part_of(const GraphPattern& graph, const std::string& name) {
  const NodeProto* split = graph.maker(name, "Split");
  if (split == nullptr || split->inputs.empty() || !are_equal_parts(graph, *split)) return {};
  const Attribute* axis = split->find("axis");
  const auto* at = axis == nullptr ? nullptr : std::get_if<int64_t>(&axis->value);
  if (at == nullptr || (*at != 1 && *at != -1)) return {};
  const auto index = std::ranges::find(split->outputs, name) - split->outputs.begin();
  return Part{split->inputs[0], static_cast<size_t>(index), split->outputs.size()};
}

// The operand of a function of one value; empty where the value is none.
std::string operand(const GraphPattern& graph, const std::string& name, std::string_view op) {
  const NodeProto* node = graph.maker(name, op);
  return node != nullptr && node->inputs.size() == 1 ? node->inputs[0] : std::string();
}

// --- sums of products ---

struct Product {
  std::string x;
  Tensor weight;  // [N, F]: y = W x
};

struct Affine {
  std::vector<Product> products = {};
  std::vector<Tensor> biases = {};  // [N] each
};

Tensor transposed(const Tensor& matrix) {
  Tensor out = Tensor::empty({matrix.size(1), matrix.size(0)});
  for (int64_t row = 0; row < matrix.size(0); ++row)
    for (int64_t column = 0; column < matrix.size(1); ++column)
      out.data<float>()[column * matrix.size(0) + row] = matrix.data<float>()[row * matrix.size(1) + column];
  return out;
}

const Tensor* floats(const GraphPattern& graph, const std::string& name, int rank) {
  const Tensor* found = graph.constant(name);
  return found != nullptr && found->dtype() == DType::kF32 && found->rank() == rank && found->numel() > 0 ? found
                                                                                                          : nullptr;
}

// Whether the value is such a sum; what it is of is added.
bool take_sum(const GraphPattern& graph, const std::string& name, int depth, Affine& sum) {
  if (const Tensor* bias = floats(graph, name, 1)) {
    sum.biases.push_back(*bias);
    return true;
  }
  const NodeProto* node = graph.maker(name);
  if (node == nullptr || node->inputs.size() < 2 || depth == 0 || !node->domain.empty()) return false;
  if (node->op == "Add")
    return take_sum(graph, node->inputs[0], depth - 1, sum) && take_sum(graph, node->inputs[1], depth - 1, sum);
  if (node->op != "MatMul" && node->op != "Gemm") return false;
  const Tensor* weight = floats(graph, node->inputs[1], 2);
  if (weight == nullptr) return false;
  const bool is_turned = GraphPattern::is(*node, "transB", int64_t{1}, false);
  if (!GraphPattern::is(*node, "transA", int64_t{0}, true) || !GraphPattern::is(*node, "alpha", 1.0F, true) ||
      !GraphPattern::is(*node, "beta", 1.0F, true))
    return false;
  sum.products.push_back({node->inputs[0], is_turned ? *weight : transposed(*weight)});
  if (node->op == "MatMul" || node->inputs.size() < 3) return true;
  const Tensor* bias = floats(graph, node->inputs[2], 1);
  if (bias != nullptr) sum.biases.push_back(*bias);
  return bias != nullptr;
}

constexpr int kDeepestSum = 4;

std::optional<Affine> sum_of(const GraphPattern& graph, const std::string& name) {
  Affine sum;
  return take_sum(graph, name, kDeepestSum, sum) ? std::optional(sum) : std::nullopt;
}

// --- the weights of a node ---

using Gates = std::vector<size_t>;  // which part of the rows each gate of the node is

Tensor rows_of(const Tensor& all, const Gates& gates, Shape shape) {
  Tensor out = Tensor::empty(shape);
  const int64_t each = all.numel() / std::ssize(gates);
  float* to = out.data<float>();
  for (const size_t gate : gates) to = std::copy_n(all.data<float>() + static_cast<int64_t>(gate) * each, each, to);
  return out;
}

std::optional<Tensor> summed(const std::vector<Tensor>& biases, int64_t rows) {
  Tensor sum = Tensor::zeros({rows});
  for (const Tensor& bias : biases) {
    if (bias.numel() != rows) return {};
    for (int64_t k = 0; k < rows; ++k) sum.data<float>()[k] += bias.data<float>()[k];
  }
  return sum;
}

struct Step {
  const char* op;
  Gates gates;
  Product x, h;
  std::vector<Tensor> x_biases = {}, h_biases = {};
  std::string c = {};  // "": none
  std::string activation = {};
};

// The node and what fits its input and outputs, which have a time axis; empty where sizes do not fit.
Fusion node_of(const Step& step, const std::string& h_after, const std::string& c_after, Fusion fusion) {
  const int64_t rows = step.x.weight.size(0), hidden = rows / std::ssize(step.gates);
  const auto x_bias = summed(step.x_biases, rows), h_bias = summed(step.h_biases, rows);
  if (rows % std::ssize(step.gates) != 0 || step.h.weight.shape() != Shape{rows, hidden} || !x_bias || !h_bias)
    return {};
  const std::string name = fusion.at->name.empty() ? h_after : fusion.at->name;
  const auto named = [&](std::string_view what) { return name + ":" + std::string(what); };
  Tensor bias = Tensor::empty({1, 2 * rows});
  std::copy_n(rows_of(*x_bias, step.gates, {rows}).data<float>(), rows, bias.data<float>());
  std::copy_n(rows_of(*h_bias, step.gates, {rows}).data<float>(), rows, bias.data<float>() + rows);
  fusion.constants = {
      {.name = named("W"), .value = rows_of(step.x.weight, step.gates, {1, rows, step.x.weight.size(1)})},
      {.name = named("R"), .value = rows_of(step.h.weight, step.gates, {1, rows, hidden})},
      {.name = named("B"), .value = bias},
      {.name = named("time"), .value = Tensor::from(std::vector<int64_t>{0}, {1})}};
  const auto with_time = [&](const char* op, const std::string& from, const std::string& to) {
    fusion.nodes.push_back({.op = op, .inputs = {from, named("time")}, .outputs = {to}, .name = named(op)});
  };
  with_time("Unsqueeze", step.x.x, named("x"));
  with_time("Unsqueeze", step.h.x, named("h"));
  NodeProto node{.op = step.op,
                 .inputs = {named("x"), named("W"), named("R"), named("B"), "", named("h")},
                 .outputs = {named("y"), named("y_h")},
                 .attributes = {{"hidden_size", hidden}},
                 .name = name};
  if (!step.c.empty()) {
    with_time("Unsqueeze", step.c, named("c"));
    node.inputs.push_back(named("c"));
    node.outputs.push_back(named("y_c"));
  }
  if (node.op == "GRU") node.attributes.push_back({"linear_before_reset", int64_t{1}});
  if (!step.activation.empty()) node.attributes.push_back({"activations", std::vector<std::string>{step.activation}});
  fusion.nodes.push_back(node);
  with_time("Squeeze", named("y_h"), h_after);
  if (!step.c.empty()) with_time("Squeeze", named("y_c"), c_after);
  return fusion;
}

// --- LSTM: c' = f c + i g, h' = o tanh(c') ---

struct Gated {
  std::string gate;  // before its sigmoid
  std::string by;
};

// A product with a sigmoid. Of two sigmoids, both.
std::vector<Gated> gated(const GraphPattern& graph, const std::string& name) {
  std::vector<Gated> found;
  const NodeProto* mul = graph.maker(name, "Mul");
  if (mul == nullptr) return found;
  for (const auto& [one, other] : GraphPattern::either_way(*mul)) {
    std::string gate = operand(graph, one, "Sigmoid");
    if (!gate.empty()) found.push_back({std::move(gate), other});
  }
  return found;
}

// The node that gives h' and its gate before the sigmoid.
std::optional<std::pair<const NodeProto*, std::string>> output_of(const GraphPattern& graph, const std::string& c) {
  for (const NodeProto* tanh : graph.readers(c)) {
    if (tanh == nullptr || tanh->op != "Tanh" || !graph.makes(*tanh)) continue;
    for (const NodeProto* mul : graph.readers(tanh->outputs[0])) {
      if (mul == nullptr || mul->op != "Mul" || !graph.makes(*mul)) continue;
      for (const Gated& each : gated(graph, mul->outputs[0]))
        if (each.by == tanh->outputs[0]) return {{mul, each.gate}};
    }
  }
  return {};
}

// Which of the products is of the state before: the one from the input of the graph that c comes from, or the only
// one that is no layer's; of two inputs, the later one, since graphs list their sequence first.
std::optional<size_t> state_among(const GraphPattern& graph, const std::vector<Product>& products,
                                  const std::string& c) {
  if (products.size() != 2) return {};
  const std::array<std::string, 2> from{graph.input_of(products[0].x), graph.input_of(products[1].x)};
  const std::string cell = graph.input_of(c);
  for (const size_t k : {size_t{0}, size_t{1}})
    if (!from[k].empty() && (from[1 - k].empty() || (from[k] == cell && from[1 - k] != cell))) return k;
  if (from[0].empty() || from[0] == from[1]) return {};
  return graph.comes_before(from[0], from[1]) ? 1 : 0;
}

Fusion lstm(const GraphPattern& graph, const NodeProto& last) {
  const auto output = output_of(graph, last.outputs[0]);
  if (!output) return {};
  for (const auto& [kept, taken] : GraphPattern::either_way(last)) {
    for (const Gated& f : gated(graph, kept)) {
      for (const Gated& i : gated(graph, taken)) {
        const std::string g = operand(graph, i.by, "Tanh");
        std::array<std::optional<Part>, 4> parts{part_of(graph, i.gate), part_of(graph, output->second),
                                                 part_of(graph, f.gate), part_of(graph, g)};
        Gates gates;
        for (const auto& part : parts)
          if (part && part->count == 4 && part->whole == parts[0]->whole) gates.push_back(part->index);
        const auto sum = gates.size() == 4 ? sum_of(graph, parts[0]->whole) : std::nullopt;
        const auto state = sum ? state_among(graph, sum->products, f.by) : std::nullopt;
        if (!state) continue;
        const Product &x = sum->products[1 - *state], &h = sum->products[*state];
        Step step{.op = "LSTM", .gates = gates, .x = x, .h = h, .x_biases = sum->biases, .c = f.by};
        return node_of(step, output->first->outputs[0], last.outputs[0], {.at = &last, .without = {output->first}});
      }
    }
  }
  return {};
}

// --- GRU: h' = z h + (1 - z) n, n = tanh(xn + r hn), the reset behind the product ---

// z (before its sigmoid), h and n of h'.
struct Blend {
  std::string z, h, n;
};

std::optional<Blend> blend_of(const GraphPattern& graph, const NodeProto& last) {
  for (const auto& [one, other] : GraphPattern::either_way(last)) {
    for (const Gated& each : gated(graph, one)) {
      // z (h - n) + n
      const NodeProto* sub = graph.maker(each.by, "Sub");
      if (sub != nullptr && sub->inputs.size() == 2 && sub->inputs[1] == other)
        return Blend{each.gate, sub->inputs[0], other};
      // z h + (1 - z) n
      const NodeProto* mul = graph.maker(other, "Mul");
      if (mul == nullptr) continue;
      for (const auto& [less, n] : GraphPattern::either_way(*mul)) {
        const NodeProto* rest = graph.maker(less, "Sub");
        if (rest != nullptr && rest->inputs.size() == 2 && graph.number(rest->inputs[0]) == 1.0F &&
            operand(graph, rest->inputs[1], "Sigmoid") == each.gate)
          return Blend{each.gate, each.by, n};
      }
    }
  }
  return {};
}

// The parts of two sums, that of x first.
struct Both {
  Part x, h;
};

std::optional<Both> both_parts(const GraphPattern& graph, const std::string& sum, const std::string& whole_of_h) {
  const NodeProto* add = graph.maker(sum, "Add");
  if (add == nullptr) return {};
  for (const auto& [one, other] : GraphPattern::either_way(*add)) {
    const auto x = part_of(graph, one), h = part_of(graph, other);
    if (x && h && h->whole == whole_of_h && x->whole != whole_of_h) return Both{*x, *h};
  }
  return {};
}

struct Candidate {
  Part x, h;
  std::string reset;  // before its sigmoid
};

std::optional<Candidate> candidate_of(const GraphPattern& graph, const std::string& n) {
  const std::string inner = operand(graph, n, "Tanh");
  const NodeProto* add = graph.maker(inner, "Add");
  if (add == nullptr) return {};
  for (const auto& [one, other] : GraphPattern::either_way(*add)) {
    const auto x = part_of(graph, one);
    if (!x) continue;
    for (const Gated& each : gated(graph, other))
      if (const auto h = part_of(graph, each.by)) return Candidate{*x, *h, each.gate};
  }
  return {};
}

Fusion gru(const GraphPattern& graph, const NodeProto& last) {
  const auto blend = blend_of(graph, last);
  const auto n = blend ? candidate_of(graph, blend->n) : std::nullopt;
  const auto r = n ? both_parts(graph, n->reset, n->h.whole) : std::nullopt;
  const auto z = r ? both_parts(graph, blend->z, n->h.whole) : std::nullopt;
  if (!z) return {};
  const std::array<Both, 3> gates{*z, *r, Both{n->x, n->h}};
  Gates order;
  for (const Both& each : gates) {
    if (each.x.whole != n->x.whole || each.x.index != each.h.index || each.x.count != 3 || each.h.count != 3) return {};
    order.push_back(each.x.index);
  }
  const auto x = sum_of(graph, n->x.whole), h = sum_of(graph, n->h.whole);
  if (!x || !h || x->products.size() != 1 || h->products.size() != 1 || h->products[0].x != blend->h) return {};
  const Step step{.op = "GRU",
                  .gates = order,
                  .x = x->products[0],
                  .h = h->products[0],
                  .x_biases = x->biases,
                  .h_biases = h->biases};
  return node_of(step, last.outputs[0], "", {.at = &last});
}

// --- RNN: h' = tanh(W x + R h) ---

Fusion rnn(const GraphPattern& graph, const NodeProto& last) {
  const auto sum = last.inputs.size() == 1 ? sum_of(graph, last.inputs[0]) : std::nullopt;
  const auto state = sum ? state_among(graph, sum->products, "") : std::nullopt;
  if (!state) return {};
  const Step step{.op = "RNN",
                  .gates = {0},
                  .x = sum->products[1 - *state],
                  .h = sum->products[*state],
                  .x_biases = sum->biases,
                  .activation = last.op};
  return node_of(step, last.outputs[0], "", {.at = &last});
}

}  // namespace

Fusion fused_cell(const GraphPattern& graph, const NodeProto& last) {
  if (!last.domain.empty() || last.outputs.size() != 1 || !graph.makes(last)) return {};
  if (last.op == "Tanh" || last.op == "Relu") return rnn(graph, last);
  if (last.op != "Add") return {};
  Fusion found = lstm(graph, last);
  return found.nodes.empty() ? gru(graph, last) : found;
}

}  // namespace recur::onnx
