// The tensors of a model as a safetensors file without anything of Recur's around them.
#pragma once

#include "recur/exchange/formats.h"

namespace recur {

// Parameters and buffers under PyTorch's names and in its gate order, as `torch.nn.Module.load_state_dict` takes them;
// those of a model of 8-bit integers as the real numbers that they stand for.
ExportReport export_plain_tensors(const Trained& model, const ExportOptions& options, const std::filesystem::path& out);

}  // namespace recur
