// Operators of ONNX that are layers.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "recur/base/error.h"
#include "recur/exchange/keras/keras_weights.h"
#include "recur/exchange/onnx/chain_layers.h"

namespace recur::onnx::chain {
namespace {

// The f32 as it was written in decimal: 0.01, not 0.00999999977.
double decimal(float value) {
  const std::string text = fmt::format("{}", value);
  double exact = value;
  std::from_chars(text.data(), text.data() + text.size(), exact);
  return exact;
}

// --- recurrent layers ---

enum RecurrentInput { kX, kW, kR, kB, kLengths, kInitialH, kInitialC, kP };

// Whether a call is one step, with the states of the one before.
bool is_step(const TensorLayout& x, int time, bool has_states) {
  return has_states && x[time].empty() && !x.has(Role::kTime);
}

// x as [T, B, F], or with layout 1 [B, T, F].
TensorLayout sequence_layout(const ChainNode& node, const Computed& x, const RecurrentKind& kind, bool has_states) {
  if (x.layout.rank() != 3) node.fail_node(fmt::format("X: expected 3 axes, got {}", x.layout.str()));
  const int time = kind.batch_first ? 1 : 0;
  TensorLayout layout = x.layout.features_at(2);
  if (!is_step(layout, time, has_states)) layout = layout.taken(time, Role::kTime);
  return taken_or_one(layout, 1 - time, Role::kBatch);
}

// Y [T, D, B, H], or with layout 1 [B, T, D, H].
TensorLayout all_steps(const TensorLayout& x, const RecurrentKind& kind) {
  const AxisFactors directions = kind.directions() == 2 ? AxisFactors{both_directions()} : AxisFactors();
  const AxisFactors hidden{features_of(kind.hidden)};
  if (kind.batch_first) return TensorLayout({x[0], x[1], directions, hidden});
  return TensorLayout({x[0], directions, x[1], hidden});
}

ChainValues recurrent(Chain& chain, const ChainNode& node) {
  const RecurrentKind kind = recurrent_kind(node, node.has(kP));
  const NodeWeights weights{
      .w = node.constant(kW), .r = node.constant(kR), .b = node.constant_or_none(kB), .p = node.constant_or_none(kP)};
  const Computed& x = whole(node, kX);
  const bool has_h = take_state(chain, node, kInitialH), has_c = take_state(chain, node, kInitialC);
  const TensorLayout in = sequence_layout(node, x, kind, has_h || has_c), out = all_steps(in, kind);
  chain.note(in);
  const int time = kind.batch_first ? 1 : 0;
  take_lengths(chain, node, kLengths, in.size(time));
  FoundLayer found = recurrent_of(node, kind, weights, 0);
  if (in.size(2) >= 0 && in.size(2) != found.input)
    node.fail_node(fmt::format("W is for {} features, X has {}", found.input, in.size(2)));
  if (kind.directions() == 2) found = *both_ways(found, recurrent_of(node, kind, weights, 1));
  const bool backwards = kind.reverse && !kind.forward;
  const int layer = chain.add(backwards ? chain.reversed(x.layer) : x.layer, std::move(found));
  const Computed y{.input = x.input, .layer = backwards ? chain.reversed(layer) : layer, .layout = out};
  const bool is_whole = kind.directions() == 1 && is_step(in, time, has_h || has_c);
  const Computed h{.input = x.input,
                   .layer = is_whole ? layer : chain.add(layer, plain_layer({.kind = "last"})),
                   .layout = out.without(time),
                   .is_state = true};
  const Refusal c{.why = std::make_shared<const std::string>(node.message("its Y_c is not read by layers")),
                  .depends = Refusal::kStates};
  return {y, h, c};
}

// --- products ---

// Feature by feature.
struct PerFeature {
  TensorLayout layout;
  Tensor values;  // [F]
};

PerFeature per_feature(const ChainNode& node, const TensorLayout& layout, const Tensor& constant) {
  const int rank = layout.rank(), more = rank - constant.rank();
  if (more < 0) node.fail_node(fmt::format("constants {} beside {}", constant.shape().str(), layout.str()));
  int axis = -1;
  for (int k = 0; k < rank; ++k) {  // one number is for all features
    const bool is_wide = k >= more && constant.size(k - more) != 1;
    const bool has_features =
        constant.numel() == 1 && std::ranges::count(layout[k], Role::kFeatures, &Factor::role) > 0;
    if (!is_wide && !has_features) continue;
    if (axis >= 0) node.fail_node("constants that differ along several axes are not read");
    axis = k;
  }
  if (axis < 0 && constant.rank() > 0 && layout.size(rank - 1) == 1) axis = rank - 1;
  if (axis < 0) node.fail_node("a number beside an input whose features are not known is not read");
  const TensorLayout known = layout.features_at(axis);
  const int64_t features = known.size(axis) < 0 ? constant.numel() : known.size(axis);
  if (features < 1 || (constant.numel() != 1 && constant.numel() != features))
    node.fail_node(fmt::format("constants {} beside {} features", constant.shape().str(), features));
  Tensor values = Tensor::empty({features});
  for (int64_t k = 0; k < features; ++k)
    values.data<float>()[k] = constant.data<float>()[constant.numel() == 1 ? 0 : k];
  return {known, values};
}

bool is_silu(const Chain& chain, const ChainNode& node) {
  const auto *a = node.find<Computed>(0), *b = node.find<Computed>(1);
  if (a == nullptr || b == nullptr) return false;
  if (chain.kind(a->layer) == "sigmoid" && chain[a->layer].parent == b->layer) std::swap(a, b);
  return chain.kind(b->layer) == "sigmoid" && chain[b->layer].parent == a->layer && a->layout == b->layout &&
         a->input == b->input && a->direction < 0 && a->before == 0 && a->after == 0;
}

// The layout of both, where what is not known of an axis of the one is known of the other.
std::optional<TensorLayout> common_layout(const TensorLayout& a, const TensorLayout& b) {
  if (a.rank() != b.rank()) return {};
  TensorLayout both = b;
  for (int k = 0; k < a.rank(); ++k) {
    if (a[k] == b[k] || (a.is_one(k) && b.is_one(k))) continue;
    if (a[k].size() != 1 || b[k].size() != 1) return {};
    const Factor &one = a[k].front(), &other = b[k].front();
    const bool known = one.role != Role::kOpen && other.role != Role::kOpen;
    const bool features = one.role == Role::kFeatures || other.role == Role::kFeatures;
    if (known || one.size != other.size || (features ? one.size < 0 : one.id != other.id)) return {};
    if (other.role == Role::kOpen) both = both.with(k, a[k]);
  }
  return both;
}

// A sum or product of what two layers give, of which the one leads to the other.
Computed joined(Chain& chain, const ChainNode& node) {
  const std::string& op = node.node().op;
  if (op != "Add" && op != "Mul") node.fail_node("only sums and products of two layers are read");
  const Computed *earlier = &whole(node, 0), *later = &whole(node, 1);
  if (earlier->layer > later->layer) std::swap(earlier, later);
  if (earlier->input != later->input || !chain.leads_to(earlier->layer, later->layer))
    node.fail_node("it joins two branches, of which none leads to the other");
  const auto layout = common_layout(earlier->layout, later->layout);
  if (!layout) node.fail_node(fmt::format("it joins {} and {}", earlier->layout.str(), later->layout.str()));
  const int64_t back = chain.distance(earlier->layer, later->layer);
  if (back == 0) node.fail_node("it joins a layer with itself, which is not read");
  return behind(chain, *later, plain_layer({.kind = op == "Add" ? "add" : "multiply", .back = back}), *layout);
}

ChainValues arithmetic_with_constants(Chain& chain, const ChainNode& node) {
  const std::string& op = node.node().op;
  if (op == "Mul" && (node.find<SizeList>(0) != nullptr || node.find<SizeList>(1) != nullptr))
    return product_of_sizes(node);
  if (op == "Mul" && is_silu(chain, node)) {
    const Computed& first = node.computed(0);
    const Computed& a = chain.kind(first.layer) == "sigmoid" && chain[first.layer].parent == node.computed(1).layer
                            ? node.computed(1)
                            : first;
    return {behind(chain, a, plain_layer({.kind = "silu"}), a.layout)};
  }
  const bool exchanged = node.find<Tensor>(0) != nullptr;
  if (exchanged && (op == "Sub" || op == "Div")) node.fail_node("constants as the first operand are not read");
  const Computed& x = whole(node, exchanged ? 1 : 0);
  if (node.find<Computed>(exchanged ? 0 : 1) != nullptr) return {joined(chain, node)};
  const Tensor constant = node.constant(exchanged ? 0 : 1);
  // One number beside an input whose features are found later: of all of them.
  const bool is_of_all = constant.numel() == 1 && !x.layout.has(Role::kFeatures) &&
                         (constant.rank() == 0 || x.layout.size(x.layout.rank() - 1) != 1);
  auto [layout, values] =
      is_of_all ? PerFeature{x.layout, constant.alias(0, {1}).clone()} : per_feature(node, x.layout, constant);
  const bool is_sum = op == "Add" || op == "Sub";
  for (int64_t k = 0; k < values.numel(); ++k) {
    float& value = values.data<float>()[k];
    value = op == "Sub" ? -value : op == "Div" ? 1 / value : value;
  }
  const int layer = add_scale(chain, node, x.layer, is_sum ? Tensor() : values, is_sum ? values : Tensor());
  return {Computed{.input = x.input, .layer = layer, .layout = layout}};
}

// y of `found`, a linear layer along the last axis of x.
ChainValues linear(Chain& chain, const ChainNode& node, const Computed& x, FoundLayer found) {
  const int last = x.layout.rank() - 1;
  if (last < 1) node.fail_node(fmt::format("expected two axes at least, got {}", x.layout.str()));
  const TensorLayout layout = x.layout.features_at(last);
  if (layout.size(last) >= 0 && layout.size(last) != found.input)
    node.fail_node(fmt::format("a matrix for {} features, and {} are there", found.input, layout.size(last)));
  const int64_t size = found.layer.size;
  return {behind(chain, x, std::move(found), layout.with(last, {features_of(size)}))};
}

void check_matrix(const ChainNode& node, const Tensor& matrix) {
  if (matrix.rank() != 2 || matrix.numel() == 0)
    node.fail_node(fmt::format("expected a matrix of constants, got {}", matrix.shape().str()));
}

ChainValues product(Chain& chain, const ChainNode& node) {
  const Computed& x = whole(node, 0);
  const Tensor matrix = node.constant(1);
  check_matrix(node, matrix);
  return linear(chain, node, x, keras::dense_layer(node.place(), matrix, {}));
}

Tensor times(const Tensor& x, float factor) {
  Tensor out = x.clone();
  for (int64_t k = 0; k < out.numel(); ++k) out.data<float>()[k] *= factor;
  return out;
}

ChainValues gemm(Chain& chain, const ChainNode& node) {
  if (node.integer("transA", 0) != 0) node.fail_node("transA is not read");
  const Computed& x = whole(node, 0);
  const Tensor matrix = node.constant(1), given = node.constant_or_none(2);
  check_matrix(node, matrix);
  const Tensor weight = times(node.integer("transB", 0) != 0 ? matrix : turned(matrix), node.real("alpha", 1));
  const int64_t size = weight.size(0);
  FoundLayer found{.name = node.place(),
                   .layer = {.kind = "dense", .size = size, .bias = given.defined()},
                   .input = weight.size(1),
                   .tensors = {{"weight", weight}}};
  if (given.defined()) {
    const TensorLayout y({{}, {features_of(size)}});
    found.tensors.push_back({"bias", times(per_feature(node, y, given).values, node.real("beta", 1))});
  }
  return linear(chain, node, x, std::move(found));
}

// --- convolutions and norms ---

ChainValues convolution(Chain& chain, const ChainNode& node) {
  Computed x = node.computed(0);
  FoundLayer found = convolution_of(chain, node, x.before, x.after);
  const StackLayer& conv = found.layer;
  const Tensor& weight = found.tensors[0].value;
  if (x.direction >= 0 || x.layout.rank() != 3)
    node.fail_node(fmt::format("X: expected [batch, features, time], got {}", x.layout.str()));
  x.before = x.after = 0;
  const bool is_step = x.layout[2].empty();
  if (is_step && conv.kernel + conv.before + conv.after > 1)
    node.fail_node(fmt::format("a kernel of {} steps reads one step alone", conv.kernel));
  TensorLayout layout = x.layout[1].empty() ? x.layout.with(1, {features_of(1)}) : x.layout.features_at(1);
  layout = taken_or_one(taken_or_one(layout, 2, Role::kTime), 0, Role::kBatch);
  if (layout.size(1) >= 0 && layout.size(1) != weight.size(1))
    node.fail_node(fmt::format("W is for {} features, X has {}", weight.size(1), layout.size(1)));
  chain.note(layout);
  const int64_t lost = (conv.kernel - 1) * conv.dilation - conv.before - conv.after, steps = layout.size(2);
  if (!is_step && (lost != 0 || conv.stride != 1)) {
    const int64_t left = steps < 0 ? -1 : steps - lost;
    if (steps >= 0 && left < 1) node.fail_node(fmt::format("{} steps are too few for the kernel", steps));
    layout = layout.with(
        2, {{.id = chain.new_axis(), .role = Role::kTime, .size = steps < 0 ? -1 : (left - 1) / conv.stride + 1}});
  }
  const int64_t channels = weight.size(0);
  return {behind(chain, x, std::move(found), layout.with(1, {features_of(channels)}))};
}

ChainValues batch_normalization(Chain& chain, const ChainNode& node) {
  if (node.integer("training_mode", 0) != 0) node.fail_node("training_mode is not read");
  const Computed& x = whole(node, 0);
  if (x.layout.rank() < 2) node.fail_node("expected two axes at least");
  const keras::BatchNormWeights weights{
      .gamma = node.constant(1), .beta = node.constant(2), .mean = node.constant(3), .variance = node.constant(4)};
  const TensorLayout layout = x.layout.features_at(1);
  return {
      behind(chain, x, keras::batch_norm_layer(node.place(), weights, decimal(node.real("epsilon", 1e-5F))), layout)};
}

ChainValues layer_normalization(Chain& chain, const ChainNode& node) {
  const Computed& x = whole(node, 0);
  const int last = x.layout.rank() - 1;
  if (x.layout.axis_in(node.integer("axis", -1)) != last) node.fail_node("axis: only the last one is read");
  const TensorLayout layout = x.layout.features_at(last);
  const int64_t features = layout.size(last);
  if (!node.has(1) && features < 1) node.fail_node("without factors it needs a known number of features");
  const Tensor factors = node.has(1) ? node.constant(1) : Tensor::ones({features});
  return {
      behind(chain, x,
             keras::norm_layer(node.place(), factors, node.constant_or_none(2), decimal(node.real("epsilon", 1e-5F))),
             layout)};
}

// --- activations ---

ChainValues activate(Chain& chain, const ChainNode& node, StackLayer layer) {
  const Computed& x = whole(node, 0);
  if (layer.slope < 0 || layer.slope > 1e6) node.fail_node(fmt::format("a slope of {} is not read", layer.slope));
  return {behind(chain, x, plain_layer(std::move(layer)), x.layout)};
}

ChainValues plain_activation(Chain& chain, const ChainNode& node) {
  std::string kind = node.node().op;
  std::ranges::transform(kind, kind.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return activate(chain, node, {.kind = kind});
}
ChainValues elu(Chain& chain, const ChainNode& node) {
  return activate(chain, node, {.kind = "elu", .slope = decimal(node.real("alpha", 1))});
}
ChainValues leaky_relu(Chain& chain, const ChainNode& node) {
  return activate(chain, node, {.kind = "leaky_relu", .slope = decimal(node.real("alpha", 0.01F))});
}
ChainValues celu(Chain& chain, const ChainNode& node) {
  if (node.real("alpha", 1) != 1) node.fail_node("alpha: only 1 is read");
  return activate(chain, node, {.kind = "elu"});
}
ChainValues prelu(Chain& chain, const ChainNode& node) {
  const Tensor slope = node.constant(1);
  if (slope.numel() != 1) node.fail_node("only one slope for all features is read");
  return activate(chain, node, {.kind = "leaky_relu", .slope = decimal(slope.data<float>()[0])});
}
ChainValues hard_sigmoid(Chain& chain, const ChainNode& node) {
  constexpr float kClose = 1e-6F;
  if (std::abs(node.real("alpha", 0.2F) - 1.0F / 6) > kClose || std::abs(node.real("beta", 0.5F) - 0.5F) > kClose)
    node.fail_node("alpha and beta: only 1/6 and 1/2 are read");
  return activate(chain, node, {.kind = "hard_sigmoid"});
}
ChainValues gelu(Chain& chain, const ChainNode& node) {
  if (node.text("approximate", "none") != "none") node.fail_node("approximate: only none is read");
  return activate(chain, node, {.kind = "gelu"});
}

ChainValues soft(Chain& chain, const ChainNode& node) {
  const Computed& x = whole(node, 0);
  const int axis = x.layout.axis_in(node.integer("axis", node.opset() < 13 ? 1 : -1));
  // Before opset 13 all axes from this one on were one.
  if (node.opset() < 13 && axis != x.layout.rank() - 1)
    node.fail_node("axis: before opset 13 only the last one is read");
  const TensorLayout layout = x.layout.features_at(axis);
  return {behind(chain, x, plain_layer({.kind = node.node().op == "Softmax" ? "softmax" : "log_softmax"}), layout)};
}

// clang-format off: a line an operator
constexpr ChainOperator kLayers[] = {
    {"Add", arithmetic_with_constants},
    {"BatchNormalization", batch_normalization},
    {"Celu", celu},
    {"Conv", convolution},
    {"Div", arithmetic_with_constants},
    {"Elu", elu},
    {"GRU", recurrent},
    {"Gelu", gelu},
    {"Gemm", gemm},
    {"HardSigmoid", hard_sigmoid},
    {"LSTM", recurrent},
    {"LayerNormalization", layer_normalization},
    {"LeakyRelu", leaky_relu},
    {"LogSoftmax", soft},
    {"MatMul", product},
    {"Mul", arithmetic_with_constants},
    {"PRelu", prelu},
    {"RNN", recurrent},
    {"Relu", plain_activation},
    {"Sigmoid", plain_activation},
    {"Softmax", soft},
    {"Softplus", plain_activation},
    {"Sub", arithmetic_with_constants},
    {"Tanh", plain_activation},
};
// clang-format on

}  // namespace

std::span<const ChainOperator> layer_operators() { return kLayers; }

}  // namespace recur::onnx::chain
