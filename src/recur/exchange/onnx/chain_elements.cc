// Graphs that are called once a step, with all sizes known: what is linear along any of their axes, as convolutions
// within a step are, is a dense layer of all features of the step.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "recur/base/error.h"
#include "recur/exchange/onnx/chain_layers.h"
#include "recur/exchange/onnx/fuse_nodes.h"

namespace recur::onnx::chain {
namespace {

constexpr int64_t kMostWeights = int64_t{1} << 25, kMostProducts = int64_t{1} << 28;

constexpr std::array<std::string_view, 8> kArranging{"Concat", "Flatten", "Gather",  "Reshape",
                                                     "Slice",  "Split",   "Squeeze", "Transpose"};
constexpr std::array<std::string_view, 10> kOfEach{"Celu",  "Elu",  "Gelu",    "HardSigmoid", "LeakyRelu",
                                                   "PRelu", "Relu", "Sigmoid", "Softplus",    "Tanh"};
constexpr std::array<std::string_view, 7> kOfARow{"BatchNormalization", "GRU", "LSTM",   "LayerNormalization",
                                                  "LogSoftmax",         "RNN", "Softmax"};

template <size_t kCount>
bool is_one_of(const std::array<std::string_view, kCount>& list, std::string_view op) {
  return std::ranges::count(list, op) > 0;
}

const Elements& elements_at(const ChainNode& node, size_t k) {
  const auto* found = node.find<Elements>(k);
  if (found == nullptr) node.fail_node(fmt::format("input {}: expected elements of a step, others are not read", k));
  return *found;
}

Tensor counted(const Shape& shape) {
  Tensor numbers = Tensor::empty(shape, DType::kI64);
  std::iota(numbers.data<int64_t>(), numbers.data<int64_t>() + numbers.numel(), 0);
  return numbers;
}

std::span<const int64_t> numbers_of(const Elements& x) {
  return {std::as_const(x.from).data<int64_t>(), static_cast<size_t>(x.from.numel())};
}

// All features that `layer` gives, in this shape.
Elements all_of_layer(const Elements& x, int layer, const Shape& shape) {
  return {.input = x.input, .layer = layer, .features = shape.numel(), .from = counted(shape)};
}

// --- linear layers ---

// [outputs, F] of zeros.
Tensor zero_weights(Chain& chain, const ChainNode& node, int64_t outputs, const Elements& x) {
  int64_t count = 0;
  if (outputs < 1 || __builtin_mul_overflow(outputs, x.features, &count) || count > kMostWeights)
    node.fail_node(fmt::format("a linear layer of {} outputs and {} inputs is not read", outputs, x.features));
  chain.spend(node, count + outputs);
  return Tensor::zeros({outputs, x.features});
}

Elements dense(Chain& chain, const ChainNode& node, const Elements& x, const Tensor& weight, const Tensor& bias,
               const Shape& shape) {
  FoundLayer found{.name = node.place(),
                   .layer = {.kind = "dense", .size = weight.size(0), .bias = bias.defined()},
                   .input = x.features,
                   .tensors = {{"weight", weight}}};
  if (bias.defined()) found.tensors.push_back({"bias", bias});
  return all_of_layer(x, chain.add(x.layer, std::move(found)), shape);
}

// x as all features of a layer, in order.
Elements in_order(Chain& chain, const ChainNode& node, const Elements& x) {
  if (are_in_order(x)) return x;
  Tensor weight = zero_weights(chain, node, x.from.numel(), x);
  float* row = weight.data<float>();
  for (const int64_t from : numbers_of(x)) {
    if (from >= 0) row[from] = 1;
    row += x.features;
  }
  return dense(chain, node, x, weight, {}, x.from.shape());
}

// X [1, C, T].
ChainValues convolution(Chain& chain, const ChainNode& node) {
  const Elements& x = elements_at(node, 0);
  const FoundLayer found = convolution_of(chain, node, 0, 0);
  const StackLayer& conv = found.layer;
  const Tensor& kernel = found.tensors[0].value;
  const int64_t channels = kernel.size(1), taps = conv.kernel;
  if (x.from.rank() != 3 || x.from.size(0) != 1 || x.from.size(1) != channels)
    node.fail_node(fmt::format("X: expected [1, {}, steps], got {}", channels, x.from.shape().str()));
  const int64_t steps = x.from.size(2), left = steps + conv.before + conv.after - (taps - 1) * conv.dilation;
  if (left < 1) node.fail_node(fmt::format("{} steps are too few for the kernel", steps));
  const int64_t frames = (left - 1) / conv.stride + 1;
  int64_t products = 0;
  if (__builtin_mul_overflow(kernel.numel(), frames, &products) || products > kMostProducts)
    node.fail_node("a convolution of so many steps is not read");
  Tensor weight = zero_weights(chain, node, conv.size * frames, x);
  float* row = weight.data<float>();
  for (int64_t o = 0; o < conv.size; ++o) {
    for (int64_t frame = 0; frame < frames; ++frame, row += x.features) {
      const float* tap = kernel.data<float>() + o * channels * taps;
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t k = 0; k < taps; ++k, ++tap) {
          const int64_t at = frame * conv.stride + k * conv.dilation - conv.before;
          const int64_t from = at < 0 || at >= steps ? -1 : numbers_of(x)[static_cast<size_t>(c * steps + at)];
          if (from >= 0) row[from] += *tap;
        }
      }
    }
  }
  Tensor bias;
  if (conv.bias) {
    const Tensor& given = found.tensors[1].value;
    if (given.numel() != conv.size) node.fail_node(fmt::format("B: expected {} numbers", conv.size));
    bias = Tensor::empty({weight.size(0)});
    for (int64_t k = 0; k < bias.numel(); ++k) bias.data<float>()[k] = given.data<float>()[k / frames];
  }
  return {dense(chain, node, x, weight, bias, {1, conv.size, frames})};
}

// Rows [.., F] with a matrix [F, N].
Elements product_of(Chain& chain, const ChainNode& node, const Elements& x, const Tensor& matrix, const Tensor& bias) {
  const int rank = x.from.rank();
  if (matrix.rank() != 2 || rank < 1 || matrix.numel() == 0 || x.from.size(rank - 1) != matrix.size(0))
    node.fail_node(fmt::format("{} with a matrix {}", x.from.shape().str(), matrix.shape().str()));
  const int64_t inner = matrix.size(0), outputs = matrix.size(1), rows = x.from.numel() / inner;
  int64_t products = 0;
  if (__builtin_mul_overflow(matrix.numel(), rows, &products) || products > kMostProducts)
    node.fail_node("a product of so many rows is not read");
  Tensor weight = zero_weights(chain, node, rows * outputs, x);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t k = 0; k < inner; ++k) {
      const int64_t from = numbers_of(x)[static_cast<size_t>(row * inner + k)];
      if (from < 0) continue;
      for (int64_t o = 0; o < outputs; ++o)
        weight.data<float>()[(row * outputs + o) * x.features + from] += matrix.data<float>()[k * outputs + o];
    }
  }
  Tensor biases;
  if (bias.defined()) {
    if (bias.numel() != outputs && bias.numel() != 1) node.fail_node(fmt::format("C: expected {} numbers", outputs));
    biases = Tensor::empty({weight.size(0)});
    for (int64_t k = 0; k < biases.numel(); ++k)
      biases.data<float>()[k] = bias.data<float>()[bias.numel() == 1 ? 0 : k % outputs];
  }
  std::vector<int64_t> sizes;
  for (int axis = 0; axis < rank; ++axis) sizes.push_back(axis == rank - 1 ? outputs : x.from.size(axis));
  return dense(chain, node, x, weight, biases, Shape(std::span<const int64_t>(sizes)));
}

ChainValues matrix_product(Chain& chain, const ChainNode& node) {
  const Elements& x = elements_at(node, 0);
  if (node.node().op == "MatMul") return {product_of(chain, node, x, node.constant(1), {})};
  if (node.integer("transA", 0) != 0 || node.real("alpha", 1) != 1 || node.real("beta", 1) != 1)
    node.fail_node("transA, alpha and beta are not read");
  const Tensor matrix = node.constant(1);
  if (matrix.rank() != 2) node.fail_node("expected a matrix");
  return {
      product_of(chain, node, x, node.integer("transB", 0) != 0 ? turned(matrix) : matrix, node.constant_or_none(2))};
}

// --- what only arranges ---

// Where the element at `at` of an axis that was padded comes from; -1: a zero.
int64_t before_padding(const std::string& mode, int64_t at, int64_t size) {
  if (at >= 0 && at < size) return at;
  if (mode == "constant") return -1;
  if (mode == "edge") return at < 0 ? 0 : size - 1;
  return at < 0 ? -at : 2 * (size - 1) - at;
}

Tensor padded_axis(Chain& chain, const ChainNode& node, const Tensor& from, int axis, int64_t before, int64_t after) {
  const std::string mode = node.text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect")
    node.fail_node("mode: expected constant, edge or reflect");
  constexpr int64_t kMost = 1 << 24;
  const int64_t size = from.size(axis);
  if (before < 0 || after < 0 || before > kMost || after > kMost || size < 1 ||
      (mode == "reflect" && std::max(before, after) >= size))
    node.fail_node(fmt::format("pads: {} and {} of {} elements are not read", before, after, size));
  std::vector<int64_t> sizes;
  int64_t inner = 1, outer = 1, count = size + before + after;
  for (int k = 0; k < from.rank(); ++k) {
    sizes.push_back(k == axis ? count : from.size(k));
    (k < axis ? outer : inner) *= k == axis ? 1 : from.size(k);
  }
  if (__builtin_mul_overflow(count, inner * outer, &count) || count > kMost) node.fail_node("pads: too many elements");
  chain.spend(node, count);
  Tensor out = Tensor::empty(Shape(std::span<const int64_t>(sizes)), DType::kI64);
  int64_t* to = out.data<int64_t>();
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t at = -before; at < size + after; ++at) {
      const int64_t place = before_padding(mode, at, size);
      for (int64_t i = 0; i < inner; ++i) *to++ = place < 0 ? -1 : from.data<int64_t>()[(o * size + place) * inner + i];
    }
  }
  return out;
}

ChainValues padded(Chain& chain, const ChainNode& node) {
  Elements x = elements_at(node, 0);
  const std::vector<int64_t> pads = node.numbers_of("pads", 1, {});
  const auto rank = static_cast<size_t>(x.from.rank());
  if (pads.size() != 2 * rank || node.has(3) || node.real("value", 0) != 0 || (node.has(2) && !is_zero(node[2])))
    node.fail_node("only zeros, edges and reflections along all axes in a row are read");
  for (size_t k = 0; k < rank; ++k)
    if (pads[k] != 0 || pads[rank + k] != 0)
      x.from = padded_axis(chain, node, x.from, static_cast<int>(k), pads[k], pads[rank + k]);
  return {x};
}

// The numbers of the elements, arranged as the node arranges elements.
ChainValues arranged_by(const ChainNode& node, const FoldNode& fold, const NodeProto& as) {
  const Elements& x = elements_at(node, 0);
  Tensors inputs;
  for (size_t k = 0; k < node.size(); ++k) {
    const auto* elements = node.find<Elements>(k);
    const auto* constant = node.find<Tensor>(k);
    if (elements != nullptr && (as.op == "Concat" || k == 0)) {
      if (elements->layer != x.layer || elements->input != x.input)
        node.fail_node("it joins branches; only elements of one layer are read");
      inputs.push_back(elements->from);
    } else if (constant != nullptr && as.op != "Concat") {
      inputs.push_back(*constant);
    } else if (!node.has(k)) {
      inputs.emplace_back();
    } else {
      node.fail_node(fmt::format("input {} is not read beside elements of a step", k));
    }
  }
  ChainValues made;
  for (const Tensor& from : fold(as, inputs)) {
    Elements part = x;
    part.from = from;
    const bool known = from.defined() && from.dtype() == DType::kI64 && from.numel() > 0 &&
                       std::ranges::all_of(numbers_of(part), [&](int64_t k) { return k >= -1 && k < x.features; });
    if (!known) node.fail_node("it cannot be computed of constant sizes");
    made.emplace_back(std::move(part));
  }
  if (made.empty()) node.fail_node("it cannot be computed of constant sizes");
  return made;
}

// The mean of axes of size 1 is what is there.
ChainValues mean(const ChainNode& node, const FoldNode& fold) {
  const Elements& x = elements_at(node, 0);
  const std::vector<int64_t> axes = node.numbers_of("axes", 1, {});
  for (const int64_t axis : axes) {
    const int64_t at = axis < 0 ? axis + x.from.rank() : axis;
    if (at < 0 || at >= x.from.rank() || x.from.size(static_cast<int>(at)) != 1)
      node.fail_node(fmt::format("only axes of size 1 are read, got {} of {}", axis, x.from.shape().str()));
  }
  if (axes.empty()) node.fail_node("axes: expected some");
  if (node.integer("keepdims", 1) != 0) return {x};
  const Tensor list = Tensor::from(axes, {std::ssize(axes)});
  const ChainValue value = x, given = list;
  const NodeProto squeeze{.op = "Squeeze", .inputs = {"x", "axes"}, .outputs = {"y"}, .name = node.place()};
  const std::string file;
  return arranged_by(ChainNode(file, squeeze, node.opset(), {&value, &given}), fold, squeeze);
}

// --- layers ---

Elements elements_of(const Computed& y) {
  std::vector<int64_t> sizes;
  for (int axis = 0; axis < y.layout.rank(); ++axis) sizes.push_back(y.layout.size(axis));
  const Shape shape{std::span<const int64_t>(sizes)};
  Elements x{.input = y.input, .layer = y.layer, .features = shape.numel(), .from = counted(shape)};
  x.is_state = y.is_state;
  return x;
}

// Of a layer that reads one row of features, its axes as they are, or of one that reads each number by itself.
ChainValues layer_of_row(Chain& chain, const ChainNode& node, bool is_of_each) {
  const Elements x = in_order(chain, node, elements_at(node, 0));
  chain.spend(node, x.features);
  std::vector<AxisFactors> axes;
  if (is_of_each) axes.push_back({features_of(x.features)});
  for (int axis = 0; !is_of_each && axis < x.from.rank(); ++axis) {
    const bool is_wide = x.from.size(axis) == x.features && (x.features > 1 || axis == x.from.rank() - 1);
    if (!is_wide && x.from.size(axis) != 1)
      node.fail_node(fmt::format("only one row of features is read, got {}", x.from.shape().str()));
    axes.push_back(is_wide ? AxisFactors{features_of(x.features)} : AxisFactors());
  }
  const ChainValue row = Computed{.input = x.input, .layer = x.layer, .layout = TensorLayout(std::move(axes))};
  const auto known = std::ranges::find(layer_operators(), node.node().op,
                                       [](const ChainOperator& each) { return std::string_view(each.name); });
  ChainValues made = known->read(chain, node.with(0, row));
  for (ChainValue& each : made) {
    if (const auto* y = std::get_if<Computed>(&each)) each = elements_of(*y);
    if (auto* y = std::get_if<Elements>(&each); y != nullptr && is_of_each) y->from = counted(x.from.shape());
  }
  return made;
}

ChainValues magnitude(Chain& chain, const ChainNode& node, const FoldNode& fold) {
  const NodeProto flatten{.op = "Reshape", .inputs = {"x", "shape"}, .outputs = {"y"}, .name = node.place()};
  const NodeProto concat{.op = "Concat",
                         .inputs = {"a", "b"},
                         .outputs = {"y"},
                         .attributes = {{"axis", int64_t{0}}},
                         .name = node.place()};
  const std::string file;
  if (elements_at(node, 0).from.shape() != elements_at(node, 1).from.shape())
    node.fail_node("it joins values of two shapes, which is not read");
  const ChainValue one = Tensor::from(std::vector<int64_t>{-1}, {1});
  std::vector<ChainValue> flat;
  for (const size_t k : {size_t{0}, size_t{1}})
    flat.push_back(arranged_by(ChainNode(file, flatten, node.opset(), {&node[k], &one}), fold, flatten).at(0));
  const ChainValues both = arranged_by(ChainNode(file, concat, node.opset(), {flat.data(), &flat[1]}), fold, concat);
  const Elements x = in_order(chain, node, std::get<Elements>(both.at(0)));
  const int layer = chain.add(x.layer, plain_layer({.kind = "magnitude"}));
  return {all_of_layer(x, layer, elements_at(node, 0).from.shape())};
}

// --- sums and products ---

// The constant, one number for each element of x.
Tensor spread(const ChainNode& node, const Elements& x, const Tensor& constant) {
  const Shape& shape = x.from.shape();
  const int more = shape.rank() - constant.rank();
  bool fits = more >= 0;
  for (int axis = 0; fits && axis < constant.rank(); ++axis)
    fits = constant.size(axis) == 1 || constant.size(axis) == shape[more + axis];
  if (!fits) node.fail_node(fmt::format("constants {} beside {}", constant.shape().str(), shape.str()));
  Tensor out = Tensor::empty({x.from.numel()});
  for (int64_t k = 0; k < out.numel(); ++k) {
    int64_t left = k, at = 0, step = 1;
    for (int axis = constant.rank(); axis-- > 0; step *= constant.size(axis)) {
      at += constant.size(axis) == 1 ? 0 : left % shape[more + axis] * step;
      left /= shape[more + axis];
    }
    out.data<float>()[k] = constant.data<float>()[at];
  }
  return out;
}

ChainValues joined_elements(Chain& chain, const ChainNode& node) {
  const Elements *earlier = &elements_at(node, 0), *later = &elements_at(node, 1);
  const std::string& op = node.node().op;
  if (earlier->layer > later->layer) std::swap(earlier, later);
  const bool in_a_row = earlier->input == later->input && chain.leads_to(earlier->layer, later->layer);
  if ((op != "Add" && op != "Mul") || !in_a_row || !are_in_order(*earlier) || !are_in_order(*later) ||
      earlier->from.shape() != later->from.shape() || earlier->layer == later->layer)
    node.fail_node("it joins two branches, of which none leads to the other in the same order");
  const int64_t back = chain.distance(earlier->layer, later->layer);
  const int layer = chain.add(later->layer, plain_layer({.kind = op == "Add" ? "add" : "multiply", .back = back}));
  return {all_of_layer(*later, layer, later->from.shape())};
}

ChainValues arithmetic(Chain& chain, const ChainNode& node) {
  if (node.find<Elements>(0) != nullptr && node.find<Elements>(1) != nullptr) return joined_elements(chain, node);
  const std::string& op = node.node().op;
  const bool exchanged = node.find<Elements>(1) != nullptr;
  if (exchanged && (op == "Sub" || op == "Div")) node.fail_node("constants as the first operand are not read");
  const Elements x = in_order(chain, node, elements_at(node, exchanged ? 1 : 0));
  chain.spend(node, x.features);
  Tensor values = spread(node, x, node.constant(exchanged ? 0 : 1));
  const bool is_sum = op == "Add" || op == "Sub";
  for (int64_t k = 0; k < values.numel(); ++k) {
    float& value = values.data<float>()[k];
    value = op == "Sub" ? -value : op == "Div" ? 1 / value : value;
  }
  const int layer = add_scale(chain, node, x.layer, is_sum ? Tensor() : values, is_sum ? values : Tensor());
  return {all_of_layer(x, layer, x.from.shape())};
}

}  // namespace

Elements elements_of_input(const std::string& input, const Shape& shape) {
  return {.input = input, .layer = -1, .features = shape.numel(), .from = counted(shape)};
}

bool are_in_order(const Elements& x) {
  int64_t next = 0;
  return x.from.numel() == x.features && std::ranges::all_of(numbers_of(x), [&](int64_t k) { return k == next++; });
}

ChainValues read_elements(Chain& chain, const ChainNode& node, const FoldNode& fold) {
  const std::string& op = node.node().op;
  if (op == "Shape") {
    const Tensors sizes = fold(node.node(), {elements_at(node, 0).from});
    if (sizes.size() != 1 || !sizes[0].defined()) node.fail_node("it cannot be computed of constant sizes");
    return {sizes.begin(), sizes.end()};
  }
  if (op == "Identity" || op == "Dropout") return {node[0]};
  if (op == "Cast") {
    const auto to = static_cast<ElementType>(node.needed_integer("to"));
    if (to != ElementType::kFloat && to != ElementType::kDouble) node.fail_node("only real numbers are read");
    return {node[0]};
  }
  if (is_one_of(kArranging, op) || op == "Unsqueeze") return arranged_by(node, fold, node.node());
  if (op == "Pad") return padded(chain, node);
  if (op == "ReduceMean") return mean(node, fold);
  if (op == "Conv") return convolution(chain, node);
  if (op == "MatMul" || op == "Gemm") return matrix_product(chain, node);
  if (op == kMagnitude) return magnitude(chain, node, fold);
  if (op == "Add" || op == "Sub" || op == "Mul" || op == "Div") return arithmetic(chain, node);
  if (is_one_of(kOfEach, op)) return layer_of_row(chain, node, true);
  if (is_one_of(kOfARow, op)) return layer_of_row(chain, node, false);
  node.fail_node("this operator is not read of the elements of a step");
}

}  // namespace recur::onnx::chain
