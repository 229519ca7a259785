// Nodes of ONNX whose inputs are constants, computed with Recur's ops.
#pragma once

#include <string>

#include "recur/exchange/onnx/chain.h"

namespace recur::onnx {

// For the operators that exporters leave between stored weights and layers. `file` is for messages. Throws Error for an
// opset that is not read. What the result computes is limited in all, since files are untrusted.
FoldNode fold_constants(int64_t opset, const std::string& file);

}  // namespace recur::onnx
