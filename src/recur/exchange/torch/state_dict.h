// Layers in a state dict: tensors by PyTorch's names, "encoder.lstm.weight_ih_l0".
#pragma once

#include <string>
#include <vector>

#include "recur/exchange/found_layers.h"

namespace recur::torch {

// The layers in the order of their first tensors; f32. Of nn.LSTM, nn.GRU, nn.RNN and their cells, nn.Linear,
// nn.Embedding, nn.Conv1d, nn.LayerNorm and nn.BatchNorm1d. What is none of these, or
// has shapes that do not belong together, is there as `unknown`.
std::vector<FoundLayer> layers_of(const std::string& file, const NamedTensors& tensors);

}  // namespace recur::torch
