// RNN, LSTM and GRU as recurrent layers, a direction each.
#include <fmt/format.h>

#include "recur/exchange/onnx/program.h"
#include "recur/exchange/onnx/recurrent_kind.h"
#include "recur/nn/cells/cell.h"
#include "recur/nn/padded_layer.h"
#include "recur/ops/cast.h"
#include "recur/ops/concat.h"
#include "recur/ops/reshape.h"
#include "recur/ops/transpose.h"

namespace recur::onnx {
namespace {

enum OnnxInput { kInX, kInW, kInR, kInB, kInLengths, kInitialH, kInitialC, kInP };

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
  explicit RecurrentNode(const Call& call)
      : call_(call), kind_(recurrent_kind(call, call.has(kInP))), cell_(find_cell(kind_.cell)) {
    x_ = turned(call.tensor(kInX));
    check();
  }

  Values run() const {
    Tensors y, h, c;
    for (int64_t d = 0; d < directions(); ++d) {
      LayerOutput made = run_padded_layer({.x = x_, .lengths = lengths(), .states = states(d)}, parameters(d),
                                          {.cell = &cell_, .reverse = kind_.reverse && d == directions() - 1});
      y.push_back(reshape(made.y, made.y.shape().inserted(1, 1)));
      for (size_t k = 0; k < made.states.size(); ++k)
        (k == 0 ? h : c).push_back(reshape(made.states[k], made.states[k].shape().inserted(0, 1)));
    }
    Values out;  // Y [T, D, B, H], Y_h and Y_c [D, B, H]; with layout 1 [B, T, D, H] and [B, D, H]
    const Tensor all = concat(y, 1);
    out.emplace_back(kind_.batch_first ? permute(all, {2, 0, 1, 3}) : all);
    out.emplace_back(turned(concat(h, 0)));
    if (!c.empty()) out.emplace_back(turned(concat(c, 0)));
    return out;
  }

 private:
  int64_t directions() const { return kind_.directions(); }

  Tensor turned(const Tensor& x) const {
    if (x.rank() != 3) call_.fail_node(fmt::format("expected a tensor of 3 axes, got {}", x.shape().str()));
    return kind_.batch_first ? permute(x, {1, 0, 2}) : x;
  }

  void expect(OnnxInput k, const char* what, const Shape& shape) const {
    const Tensor x = call_.tensor(k);
    if (x.shape() != shape) call_.fail_node(fmt::format("{}: expected {}, got {}", what, shape.str(), x.shape().str()));
  }

  void check() const {
    const int64_t gates = cell_.gates, hidden = kind_.hidden, features = x_.size(2), batch = x_.size(1);
    expect(kInW, "W", {directions(), gates * hidden, features});
    expect(kInR, "R", {directions(), gates * hidden, hidden});
    if (call_.has(kInB)) expect(kInB, "B", {directions(), 2 * gates * hidden});
    if (call_.has(kInLengths)) expect(kInLengths, "sequence_lens", {batch});
    const Shape state = kind_.batch_first ? Shape{batch, directions(), hidden} : Shape{directions(), batch, hidden};
    if (call_.has(kInitialH)) expect(kInitialH, "initial_h", state);
    if (call_.has(kInitialC) && cell_.states > 1) expect(kInitialC, "initial_c", state);
    if (cell_.unit_weights > 0) expect(kInP, "P", {directions(), 3 * hidden});
  }

  Tensor lengths() const { return call_.has(kInLengths) ? cast(call_.tensor(kInLengths), DType::kI64) : Tensor(); }

  Tensors states(int64_t d) const {
    const bool has_h = call_.has(kInitialH), has_c = cell_.states > 1 && call_.has(kInitialC);
    if (!has_h && !has_c) return {};
    const Tensor zeros = Tensor::zeros({x_.size(1), kind_.hidden});
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
    const std::string direction = directions() == 1 ? "" : d == 0 ? "_forward" : "_reverse";
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
  RecurrentKind kind_;
  const Cell& cell_;
  Tensor x_;  // [T, B, F]
};

}  // namespace

Values run_recurrent(const Call& call) { return RecurrentNode(call).run(); }

}  // namespace recur::onnx
