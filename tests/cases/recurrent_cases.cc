// Gradients and second derivatives of one layer: every cell, and every option on a cell that has it.
#include "recur/nn/recurrent_layer.h"
#include "recur/ops/binary.h"
#include "tests/support/op_case.h"

namespace recur::testing {
namespace {

constexpr int64_t T = 4, B = 3, F = 2, H = 3, P = 2;
const std::vector<int64_t> kLengths = {2, 4, 0};

struct Variant {
  std::string name;
  bool reverse = false, projected = false, normalized = false, decays = false;
  int64_t recompute = 0;
  Tensor recurrent_mask = {}, zoneout = {}, zoneout_inner = {};
};

OpCase layer_case(const Cell& cell, const Variant& v) {
  const int64_t G = cell.gates, width = v.projected ? P : H;
  // In the order of LayerParameters' fields, then x, the decay and the states.
  Tensors inputs{normal({G * H, F}, 1),
                 normal({G * H, width}, 2),
                 normal({G * H}, 3),
                 normal({G * H}, 4),
                 cell.unit_weights > 0 ? normal({cell.unit_weights, H}, 5) : Tensor(),
                 v.projected ? normal({P, H}, 6) : Tensor(),
                 v.normalized ? normal({2, G * H}, 7) : Tensor(),
                 v.normalized ? normal({2, G * H}, 8) : Tensor(),
                 v.normalized && cell.states > 1 ? normal({2, H}, 9) : Tensor(),
                 normal({T, B, F}, 10),
                 v.decays ? normal({T, B, width}, 15) : Tensor()};
  for (int k = 0; k < cell.states; ++k) inputs.push_back(normal({B, k == 0 ? width : H}, 11 + k));
  const auto f = [&cell, v](const Tensors& in) {
    const Packing packing(T, B, kLengths);
    const DType dtype = in[0].dtype();
    const LayerParameters p{in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7], in[8]};
    const auto as = [dtype](const Tensor& t) { return t.defined() ? t.clone(dtype) : t; };
    const Tensor decay = in[10].defined() ? packing.pack(in[10]) : Tensor();
    const LayerOptions options{.cell = &cell,
                               .reverse = v.reverse,
                               .recurrent_mask = as(v.recurrent_mask),
                               .decay = decay,
                               .zoneout = as(v.zoneout),
                               .zoneout_inner = as(v.zoneout_inner),
                               .recompute = v.recompute};
    Tensors before;
    for (size_t i = 11; i < in.size(); ++i) before.push_back(packing.sort(in[i]));
    const LayerOutput out = run_layer(packing.pack(in[9]), before, p, packing, options);
    Tensors results{packing.unpack(out.y)};
    for (const Tensor& state : out.states) results.push_back(packing.unsort(state));
    return results;
  };
  return {.name = "layer_" + cell.name + "_" + v.name, .f = f, .inputs = inputs, .traced = false};
}

std::vector<OpCase> layer_cases() {
  std::vector<OpCase> cases;
  const Tensor mask = Tensor::from({2, 0, 2, 0, 2, 2, 2, 0, 0}, {B, H});
  const Tensor kept =
      Tensor::from(std::vector<float>(T * B * H, 1), {T, B, H}) - step(normal({T, B, H}, 40, DType::kF32));
  for (const Cell* cell : cells()) {
    cases.push_back(layer_case(*cell, {.name = "forward"}));
    cases.push_back(layer_case(*cell, {.name = "reverse", .reverse = true}));
    cases.push_back(layer_case(*cell, {.name = "recomputed", .recompute = 2}));
    cases.push_back(layer_case(*cell, {.name = "recomputed_reverse", .reverse = true, .recompute = 3}));
    cases.push_back(layer_case(*cell, {.name = "layer_norm", .normalized = true}));
    cases.push_back(layer_case(*cell, {.name = "decay", .reverse = true, .decays = true, .recompute = 3}));
    cases.push_back(layer_case(*cell, {.name = "recurrent_dropout", .recurrent_mask = mask}));
    cases.push_back(layer_case(*cell, {.name = "zoneout", .recompute = 3, .zoneout = kept, .zoneout_inner = kept}));
    cases.push_back(layer_case(
        *cell, {.name = "zoneout_evaluated", .zoneout = Tensor::scalar(0.2), .zoneout_inner = Tensor::scalar(0.4)}));
    if (cell->states > 1) cases.push_back(layer_case(*cell, {.name = "projected", .projected = true}));
  }
  return cases;
}

const Register layers(layer_cases());

}  // namespace
}  // namespace recur::testing
