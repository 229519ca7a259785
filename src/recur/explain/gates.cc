#include "recur/explain/gates.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "recur/autograd/node.h"
#include "recur/base/error.h"
#include "recur/nn/layers/cell_layer.h"
#include "recur/ops/binary.h"
#include "recur/ops/concat.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"
#include "recur/ops/slice.h"
#include "recur/ops/unary.h"

namespace recur {
namespace {

struct Gate {
  const char* name;
  int64_t place;  // among the rows of the weights, in PyTorch's order
};

std::vector<Gate> gates_of(const std::string& kind) {
  if (kind == "lstm") return {{"input", 0}, {"forget", 1}, {"output", 3}};
  if (kind == "gru") return {{"reset", 0}, {"update", 1}};
  return {};
}

// h before each step, [T', P], in the direction of travel: zeros before the first.
Tensor states_before(const Tensor& h, bool reverse) {
  const int64_t steps = h.size(0);
  const Tensor zeros = Tensor::zeros({1, h.size(1)}, h.dtype());
  return reverse ? concat({rows(h, 1, steps), zeros}, 0) : concat({zeros, rows(h, 0, steps - 1)}, 0);
}

GateStatistics statistics_of(const Tensor& gate, int64_t before) {
  const Tensor plain = gate.clone(DType::kF64);
  const double* from = std::as_const(plain).data<double>();
  const int64_t steps = gate.size(0) - before, units = gate.size(1);
  GateStatistics out;
  out.mean_at.assign(static_cast<size_t>(steps), 0);
  out.mean_of_unit.assign(static_cast<size_t>(units), 0);
  const double share = 1 / static_cast<double>(std::max<int64_t>(steps * units, 1));
  for (int64_t t = 0; t < steps; ++t) {
    for (int64_t u = 0; u < units; ++u) {
      const double open = from[(t + before) * units + u];
      out.mean += open * share;
      out.closed += open < 0.1 ? share : 0;
      out.open += open > 0.9 ? share : 0;
      out.mean_at[static_cast<size_t>(t)] += open / static_cast<double>(units);
      out.mean_of_unit[static_cast<size_t>(u)] += open / static_cast<double>(steps);
    }
  }
  return out;
}

// x [T', F] and y [T', P] of a layer.
void add_gates(const CellLayer& layer, const std::string& name, const Tensor& x, const Tensor& y, const Tensor& decay,
               int64_t before, std::vector<GateStatistics>& out) {
  const std::vector<Gate> gates = gates_of(layer.kind());
  if (gates.empty()) return;
  const LayerParameters p = layer.tensors();
  if (p.norm_ih.defined() || p.norm_hh.defined()) {
    fail_usage("gates: not possible for {}, which has layer norm", name);
  }
  Tensor h = states_before(y, layer.reverse());
  if (decay.defined()) h = h * reshape(decay, {h.size(0), h.size(1)});
  const Tensor sums = linear(x, p.weight_ih, p.bias_ih) + linear(h, p.weight_hh, p.bias_hh);
  for (const Gate& gate : gates) {
    const Tensor open = sigmoid(slice(sums, {1, gate.place * layer.hidden()}, layer.hidden()));
    GateStatistics of = statistics_of(open, before);
    of.layer = name;
    of.gate = gate.name;
    out.push_back(std::move(of));
  }
}

}  // namespace

std::vector<GateStatistics> gate_statistics(const Explainable& record) {
  const autograd::NoGrad no_grad;
  const ReadRecord& read = record.read();
  std::vector<GateStatistics> out;
  for (const RecurrentReading& reading : record.recurrent(reshape(read.x, {read.steps(), 1, read.features()}))) {
    const auto layers = reading.network.layers();
    const size_t directions = reading.network.options().bidirectional ? 2 : 1;
    const Packing packing(reading.x.size(0), 1, {});
    Tensor x = reshape(reading.x, {reading.x.size(0), reading.x.size(2)});
    for (size_t first = 0; first < layers.size(); first += directions) {
      Tensors sides;
      for (size_t i = first; i < first + directions; ++i) {
        const SequenceLayer& layer = *layers[i];
        LayerCall call{.packing = packing, .mode = Mode::evaluation()};
        if (!reading.decay.empty()) call.decay = packing.pack(reading.decay[i]);
        sides.push_back(layer.run({.x = x}, layer.zero_states(1, x.dtype()), call).y);
        const auto* cell = dynamic_cast<const CellLayer*>(&layer);
        if (cell == nullptr) continue;
        const std::string name =
            fmt::format("{}.l{}{}", reading.name, first / directions, layer.reverse() ? ".reverse" : "");
        add_gates(*cell, name, x, sides.back(), call.decay, reading.before, out);
      }
      x = concat(sides, 1);
    }
  }
  if (out.empty()) fail_usage("gates: this model has no LSTM or GRU layers over the steps of a record");
  return out;
}

}  // namespace recur
