// The test data of ONNX itself (Debian's libonnx-testdata): models of one node with inputs and what must come out.
#include <gtest/gtest.h>

#include <filesystem>

#include "recur/autograd/node.h"
#include "recur/exchange/onnx/model_file.h"
#include "recur/exchange/onnx/read_graph.h"
#include "recur/nn/layer_ops.h"
#include "recur/ops/run_graph.h"
#include "tests/support/op_case.h"
#include "tests/support/scratch.h"

namespace recur::onnx {
namespace {

const std::filesystem::path kNodes = "/usr/share/libonnx-testdata/data/node";

Tensors read_tensors(const std::filesystem::path& folder, const std::string& kind) {
  Tensors tensors;
  for (int k = 0;; ++k) {
    const std::filesystem::path path = folder / fmt::format("{}_{}.pb", kind, k);
    if (!std::filesystem::exists(path)) return tensors;
    const std::string bytes = testing::read_bytes(path);
    tensors.push_back(read_tensor(std::as_bytes(std::span(bytes)), path.string()).value);
  }
}

class OnnxNodeTests : public ::testing::TestWithParam<const char*> {};

// As a function and as a graph.
TEST_P(OnnxNodeTests, GiveWhatTheyMust) {
  const std::filesystem::path folder = kNodes / (std::string("test_") + GetParam());
  ASSERT_TRUE(std::filesystem::exists(folder)) << "libonnx-testdata is not installed: tools/packages.sh build";
  const autograd::NoGrad no_grad;
  const ModelFunction function(read_model(folder / "model.onnx"), GetParam());
  const Tensors inputs = read_tensors(folder / "test_data_set_0", "input");
  const Tensors expected = read_tensors(folder / "test_data_set_0", "output");
  const Tensors direct = function(inputs), rebuilt = run_graph(function.graph(), inputs, all_ops());
  ASSERT_EQ(direct.size(), expected.size());
  for (size_t k = 0; k < expected.size(); ++k) {
    ASSERT_EQ(direct[k].shape(), expected[k].shape());
    const Tensor truth = expected[k].clone(DType::kF64);
    EXPECT_LT(testing::relative_error(direct[k].clone(DType::kF64), truth), 1e-5) << k;
    EXPECT_LT(testing::relative_error(rebuilt[k].clone(DType::kF64), truth), 1e-5) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Recurrent, OnnxNodeTests,
                         ::testing::Values("gru_batchwise", "gru_defaults", "gru_seq_length", "gru_with_initial_bias",
                                           "lstm_batchwise", "lstm_defaults", "lstm_with_initial_bias",
                                           "lstm_with_peepholes", "simple_rnn_batchwise", "simple_rnn_defaults",
                                           "simple_rnn_with_initial_bias", "rnn_seq_length", "scan9_sum",
                                           "reversesequence_batch", "reversesequence_time"),
                         [](const auto& info) { return std::string(info.param); });

INSTANTIATE_TEST_SUITE_P(
    Others, OnnxNodeTests,
    ::testing::Values("softmax_axis_0", "softmax_axis_1", "softmax_axis_2", "softmax_default_axis",
                      "softmax_negative_axis", "softmax_large_number", "logsoftmax_axis_1", "logsoftmax_default_axis",
                      "layer_normalization_2d_axis0", "layer_normalization_2d_axis1",
                      "layer_normalization_2d_axis_negative_1", "layer_normalization_3d_axis1_epsilon",
                      "layer_normalization_4d_axis2", "layer_normalization_4d_axis_negative_1",
                      "layer_normalization_default_axis", "basic_conv_with_padding", "basic_conv_without_padding",
                      "conv_with_strides_no_padding", "conv_with_strides_padding",
                      "conv_with_strides_and_asymmetric_padding", "maxpool_1d_default", "maxpool_2d_default",
                      "maxpool_2d_strides", "averagepool_2d_default", "globalaveragepool", "globalmaxpool",
                      "batchnorm_epsilon", "batchnorm_example", "gemm_all_attributes", "gemm_transposeB", "matmul_2d",
                      "matmul_3d", "transpose_all_permutations_3", "where_example", "gather_0", "gather_1",
                      "gather_elements_0", "reduce_mean_keepdims_random", "reduce_max_keepdims_random",
                      "argmax_keepdims_random", "flatten_axis2", "leakyrelu", "elu", "hardsigmoid", "relu", "erf",
                      "softplus", "sigmoid", "not_2d", "and2d", "greater_equal", "less_equal", "concat_2d_axis_1",
                      "split_equal_parts_1d", "celu", "prelu_broadcast", "prelu_example"),
    [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace recur::onnx
