// RNN, LSTM and GRU as recurrent layers, a direction each. write_recurrent.cc says in which order the gates are.
#include <fmt/format.h>

#include "recur/exchange/onnx/program.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/padded_layer.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/transpose.h"

namespace recur::onnx {
namespace {

enum OnnxInput { kInX, kInW, kInR, kInB, kInLengths, kInitialH, kInitialC, kInP };

struct CellOf {
  std::string cell;
  std::vector<int> gates;  // gate k of ours is this one of ONNX
};

Tensor part_of(const Tensor& x, int64_t part, int64_t parts) {
  const int64_t size = x.size(0) / parts;
  return rows(x, part * size, (part + 1) * size);
}

Tensor reordered(const Tensor& x, const std::vector<int>& order) {
  Tensors parts;
  for (const int k : order) parts.push_back(part_of(x, k, std::ssize(order)));
  return concat(parts, 0);
}

class RecurrentNode {
 public:
  RecurrentNode(const Call& call, CellOf cell) : call_(call), kind_(std::move(cell)), cell_(find_cell(kind_.cell)) {
    direction_ = call.text("direction", "forward");
    if (direction_ != "forward" && direction_ != "reverse" && direction_ != "bidirectional")
      call.fail_node(fmt::format("direction: expected forward, reverse or bidirectional, got '{}'", direction_));
    directions_ = direction_ == "bidirectional" ? 2 : 1;
    batch_first_ = call.integer("layout", 0) != 0;
    x_ = turned(call.tensor(kInX));
    check();
  }

  Values run() const {
    Tensors y, h, c;
    for (int64_t d = 0; d < directions_; ++d) {
      LayerOutput made = run_padded_layer({.x = x_, .lengths = lengths(), .states = states(d)}, parameters(d),
                                          {.cell = &cell_, .reverse = direction_ == "reverse" || d == 1});
      y.push_back(reshape(made.y, made.y.shape().inserted(1, 1)));
      for (size_t k = 0; k < made.states.size(); ++k)
        (k == 0 ? h : c).push_back(reshape(made.states[k], made.states[k].shape().inserted(0, 1)));
    }
    Values out;  // Y [T, D, B, H], Y_h and Y_c [D, B, H]; with layout 1 [B, T, D, H] and [B, D, H]
    const Tensor all = concat(y, 1);
    out.emplace_back(batch_first_ ? permute(all, {2, 0, 1, 3}) : all);
    out.emplace_back(turned(concat(h, 0)));
    if (!c.empty()) out.emplace_back(turned(concat(c, 0)));
    return out;
  }

 private:
  Tensor turned(const Tensor& x) const {
    if (x.rank() != 3) call_.fail_node(fmt::format("expected a tensor of 3 axes, got {}", x.shape().str()));
    return batch_first_ ? permute(x, {1, 0, 2}) : x;
  }

  void expect(OnnxInput k, const char* what, const Shape& shape) const {
    const Tensor x = call_.tensor(k);
    if (x.shape() != shape) call_.fail_node(fmt::format("{}: expected {}, got {}", what, shape.str(), x.shape().str()));
  }

  void check() const {
    for (const char* name : {"clip", "activation_alpha", "activation_beta"})
      if (call_.gives(name)) call_.fail_node(fmt::format("the attribute '{}' is not supported", name));
    if (call_.integer("input_forget", 0) != 0) call_.fail_node("the attribute 'input_forget' is not supported");
    if (hidden_size() < 1 || hidden_size() > int64_t{1} << 31)
      call_.fail_node(fmt::format("hidden_size: expected 1 .. 2^31, got {}", hidden_size()));
    const int64_t gates = cell_.gates, hidden = hidden_size(), features = x_.size(2), batch = x_.size(1);
    expect(kInW, "W", {directions_, gates * hidden, features});
    expect(kInR, "R", {directions_, gates * hidden, hidden});
    if (call_.has(kInB)) expect(kInB, "B", {directions_, 2 * gates * hidden});
    if (call_.has(kInLengths)) expect(kInLengths, "sequence_lens", {batch});
    const Shape state = batch_first_ ? Shape{batch, directions_, hidden} : Shape{directions_, batch, hidden};
    if (call_.has(kInitialH)) expect(kInitialH, "initial_h", state);
    if (call_.has(kInitialC) && cell_.states > 1) expect(kInitialC, "initial_c", state);
    if (cell_.unit_weights > 0) expect(kInP, "P", {directions_, 3 * hidden});
  }

  int64_t hidden_size() const { return call_.needed_integer("hidden_size"); }

  Tensor lengths() const { return call_.has(kInLengths) ? cast(call_.tensor(kInLengths), DType::kI64) : Tensor(); }

  Tensors states(int64_t d) const {
    const bool has_h = call_.has(kInitialH), has_c = cell_.states > 1 && call_.has(kInitialC);
    if (!has_h && !has_c) return {};
    const Tensor zeros = Tensor::zeros({x_.size(1), hidden_size()});
    if (cell_.states > 1 && has_h != has_c) call_.fail_node("initial_h and initial_c: expected both or neither");
    Tensors all{row(turned(call_.tensor(kInitialH)), d)};
    if (has_c) all.push_back(row(turned(call_.tensor(kInitialC)), d));
    return all;
  }

  // What `make` makes of input k; once, where that is a constant.
  template <class Make>
  Tensor made(OnnxInput k, const char* part, int64_t d, Make&& make) const {
    const auto of_direction = [&] { return make(row(call_.tensor(k), d)); };
    if (!call_[k].is_constant) return of_direction();
    const std::string direction = directions_ == 1 ? "" : d == 0 ? "_forward" : "_reverse";
    return call_.program().keep(fmt::format("{}.{}{}", call_.node().inputs[k], part, direction), of_direction);
  }

  LayerParameters parameters(int64_t d) const {
    const auto in_order = [&](const Tensor& x) { return reordered(x, kind_.gates); };
    LayerParameters p;
    p.weight_ih = made(kInW, "weight_ih", d, in_order);
    p.weight_hh = made(kInR, "weight_hh", d, in_order);
    if (call_.has(kInB)) {
      p.bias_ih = made(kInB, "bias_ih", d, [&](const Tensor& x) { return in_order(part_of(x, 0, 2)); });
      p.bias_hh = made(kInB, "bias_hh", d, [&](const Tensor& x) { return in_order(part_of(x, 1, 2)); });
    }
    if (cell_.unit_weights > 0) {
      p.unit_weights = made(kInP, "peephole", d, [&](const Tensor& x) {  // i o f -> [3, H] i f o
        return reshape(reordered(x, {0, 2, 1}), {3, x.size(0) / 3});
      });
    }
    return p;
  }

  const Call& call_;
  CellOf kind_;
  const Cell& cell_;
  std::string direction_;
  int64_t directions_ = 1;
  bool batch_first_ = false;
  Tensor x_;  // [T, B, F]
};

// The activations of a direction; both must have the same.
std::vector<std::string> activations(const Call& call, const std::vector<std::string>& usual) {
  std::vector<std::string> all = call.texts("activations");
  if (all.empty()) return usual;
  const size_t each = usual.size();
  if (all.size() == 2 * each && std::equal(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(each),
                                           all.begin() + static_cast<std::ptrdiff_t>(each)))
    all.resize(each);
  if (all.size() != each) call.fail_node("activations: expected the same ones for both directions");
  return all;
}

void expect_usual(const Call& call, const std::vector<std::string>& usual) {
  if (activations(call, usual) != usual)
    call.fail_node(fmt::format("activations: expected {}, others are not supported", fmt::join(usual, ", ")));
}

}  // namespace

Values run_rnn(const Call& call) {
  const std::string kind = activations(call, {"Tanh"})[0];
  if (kind != "Tanh" && kind != "Relu")
    call.fail_node(fmt::format("activations: expected Tanh or Relu, got '{}'", kind));
  return RecurrentNode(call, {kind == "Tanh" ? "rnn" : "rnn_relu", {0}}).run();
}

Values run_lstm(const Call& call) {
  expect_usual(call, {"Sigmoid", "Tanh", "Tanh"});
  return RecurrentNode(call, {call.has(kInP) ? "lstm_peephole" : "lstm", {0, 2, 3, 1}}).run();
}

Values run_gru(const Call& call) {
  expect_usual(call, {"Sigmoid", "Tanh"});
  const bool after = call.integer("linear_before_reset", 0) != 0;
  return RecurrentNode(call, {after ? "gru" : "gru_reset_before", {1, 0, 2}}).run();
}

}  // namespace recur::onnx
