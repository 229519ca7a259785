#include "recur/nn/static_layers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "recur/nn/stream_layer.h"

namespace recur {
namespace {

using kernels::StaticCell;

std::optional<StaticCell> static_cell(const Cell& cell) {
  constexpr std::pair<const char*, StaticCell> kCells[] = {
      {"lstm", StaticCell::kLstm}, {"gru", StaticCell::kGru}, {"gru_reset_before", StaticCell::kGruResetBefore}};
  for (const auto& [name, value] : kCells)
    if (cell.name == name) return value;
  return std::nullopt;
}

AlignedVector<float> pack(StaticCell cell, int lanes, const StreamLayer& layer) {
  const int input = static_cast<int>(layer.input_features()), hidden = static_cast<int>(layer.output_features());
  const LayerParameters p = layer.plain_parameters();
  AlignedVector<float> packed(static_cast<size_t>(kernels::static_weights_size(cell, lanes, input, hidden)));
  kernels::pack_static(cell, lanes, input, hidden,
                       {.weight_ih = p.weight_ih.data<float>(),
                        .weight_hh = p.weight_hh.data<float>(),
                        .bias_x = p.bias_ih.data<float>(),
                        .bias_r = p.bias_hh.data<float>()},
                       packed.data());
  return packed;
}

}  // namespace

std::vector<StaticLayer> static_layers(std::span<const std::shared_ptr<const Stepper>> layers, int64_t hidden) {
  std::vector<StaticLayer> result;
  for (const auto& stepper : layers) {
    const StreamLayer* layer = stepper->cell_layer();
    if (layer == nullptr || !layer->is_plain() || layer->output_features() != hidden) return {};
    const std::optional<StaticCell> cell = static_cell(layer->cell());
    const int64_t lanes = layer->cell().stream.lanes;
    if (!cell || (lanes != 8 && lanes != 16)) return {};
    result.push_back(
        {*cell, lanes,
         std::make_shared<const AlignedVector<float>>(pack(*cell, kernels::static_lanes(lanes, hidden), *layer))});
  }
  return result;
}

Tensors read_static_state(StaticCell cell, const float* state, int64_t hidden) {
  Tensors parts;
  for (int k = 0; k < (cell == StaticCell::kLstm ? 2 : 1); ++k)
    std::copy_n(state + k * kernels::static_state_part(hidden), hidden,
                parts.emplace_back(Tensor::empty({1, hidden})).data<float>());
  return parts;
}

void write_static_state(const Tensors& from, float* state) {
  for (const Tensor& part : from) {
    std::copy_n(part.data<float>(), part.size(1), state);
    state += kernels::static_state_part(part.size(1));
  }
}

}  // namespace recur
