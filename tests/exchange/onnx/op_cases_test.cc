// Every op: its trace as ONNX, read again, gives what the op gives.
#include <gtest/gtest.h>

#include <set>

#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/exchange/onnx/read_graph.h"
#include "tests/support/op_case.h"
#include "tests/support/traced.h"

namespace recur::onnx {
namespace {

using testing::all_cases;
using testing::OpCase;

Tensors in_f32(const OpCase& c) {
  Tensors inputs;
  for (const Tensor& x : c.inputs) {
    if (!x.defined()) continue;
    inputs.push_back(x.dtype() == DType::kF64 ? x.clone(DType::kF32) : x.clone());
  }
  return inputs;
}

// What training needs, and no model that is used.
const std::set<std::string> kNotThere{"batch_norm_training", "cross_entropy", "scatter_rows",
                                      "scatter_add",         "pad_slice",     "variance"};

bool is_not_there(const std::string& message) {
  for (const std::string& op : kNotThere)
    if (message == "onnx: the op '" + op + "' has no counterpart in ONNX that Recur writes") return true;
  return message == "onnx: opset 17 has no mean over a window with dilation";
}

TEST(OnnxOps, EachIsTheSameThereAndBack) {
  int written = 0;
  for (const OpCase& c : all_cases()) {
    if (!c.traced) continue;
    SCOPED_TRACE(c.name);
    if (c.name.starts_with("ctc_loss") || c.name.starts_with("transducer_loss")) continue;  // of training alone
    bool whole = true;  // inputs that are missing have no place in a graph's list
    for (const Tensor& x : c.inputs) whole = whole && x.defined();
    if (!whole) continue;
    const Tensors inputs = in_f32(c), direct = c.f(inputs);
    const Graph graph = testing::traced(c.f, inputs);
    std::string bytes;
    try {
      bytes = write_model(onnx_model(graph, c.name));
    } catch (const Error& error) {
      EXPECT_TRUE(is_not_there(error.what())) << error.what();
      continue;
    }
    ++written;
    const ModelFunction function(read_model(std::as_bytes(std::span(bytes)), "f"), "f");
    const Tensors ours = function(inputs);
    ASSERT_EQ(ours.size(), direct.size());
    for (size_t k = 0; k < ours.size(); ++k) {
      ASSERT_EQ(ours[k].shape(), direct[k].shape());
      ASSERT_EQ(ours[k].dtype(), direct[k].dtype());
      EXPECT_LT(testing::relative_error(ours[k].clone(DType::kF64), direct[k].clone(DType::kF64)), 1e-5);
    }
  }
  EXPECT_GT(written, 100);
}

}  // namespace
}  // namespace recur::onnx
