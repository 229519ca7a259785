// ONNX models as bytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "recur/exchange/onnx/messages.h"

namespace recur::onnx {

// The same model gives the same bytes. Throws Error for more than protocol buffers hold, 2 GiB.
std::string write_model(const ModelProto& model);

// Untrusted: throws Error, naming the file and the byte, for what is damaged; by name for what Recur has no use of,
// such as external data, sparse tensors and functions. Operators of other domains are refused where they are run.
ModelProto read_model(std::span<const std::byte> bytes, std::string_view file);
ModelProto read_model(const std::filesystem::path& path);

// The bytes of one TensorProto, as the inputs and outputs of the test data of ONNX are stored.
TensorProto read_tensor(std::span<const std::byte> bytes, std::string_view file);

}  // namespace recur::onnx
