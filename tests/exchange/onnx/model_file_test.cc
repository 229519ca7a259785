// ONNX models as bytes, there and back; and damaged ones.
#include "recur/exchange/onnx/model_file.h"

#include <gtest/gtest.h>

#include "recur/exchange/onnx/export_onnx.h"
#include "recur/exchange/onnx/read_graph.h"
#include "recur/exchange/onnx/wire.h"
#include "recur/nn/recurrent.h"
#include "recur/ops/binary.h"
#include "tests/support/throws.h"
#include "tests/support/traced.h"

namespace recur::onnx {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

ModelProto small_model() {
  ModelProto model{.producer = "p", .producer_version = "1", .doc = "d"};
  model.metadata = {{"a", "1"}, {"b", ""}};
  GraphProto& graph = model.graph;
  graph.name = "g";
  graph.initializers.push_back({.name = "w", .value = Tensor::from({1, 2, 3, 4}, {2, 2})});
  graph.initializers.push_back({.name = "n", .value = Tensor::from(std::vector<int64_t>{-1, 2}, {2})});
  graph.initializers.push_back(
      {.name = "yes", .value = Tensor::from(std::vector<uint8_t>{1}, Shape()), .is_bool = true});
  graph.inputs.push_back(
      {.name = "x", .type = ElementType::kFloat, .shape = {{{.axis = "B"}, {.size = 2}}}, .doc = "in"});
  graph.outputs.push_back({.name = "y", .type = ElementType::kFloat, .shape = {{{.axis = "B"}, {.size = 2}}}});
  const auto inner = std::make_shared<const GraphProto>(GraphProto{.name = "inner"});
  graph.nodes.push_back({.op = "MatMul",
                         .inputs = {"x", "w"},
                         .outputs = {"y"},
                         .attributes = {{"i", int64_t{-3}},
                                        {"f", 0.5F},
                                        {"s", std::string("text")},
                                        {"t", TensorProto{.value = Tensor::from({7}, {1})}},
                                        {"g", inner},
                                        {"is", std::vector<int64_t>{1, 2}},
                                        {"fs", std::vector<float>{0.5F}},
                                        {"ss", std::vector<std::string>{"a", "b"}}},
                         .name = "node"});
  return model;
}

TEST(OnnxModelFile, IsTheSameThereAndBack) {
  const ModelProto model = small_model();
  const std::string bytes = write_model(model);
  const ModelProto read = read_model(bytes_of(bytes), "f");
  EXPECT_EQ(write_model(read), bytes);
  EXPECT_EQ(read.opset, 17);
  EXPECT_EQ(read.ir_version, 8);
  EXPECT_EQ(read.metadata, model.metadata);
  ASSERT_EQ(read.graph.nodes.size(), 1U);
  const NodeProto& node = read.graph.nodes[0];
  EXPECT_EQ(node.inputs, (std::vector<std::string>{"x", "w"}));
  EXPECT_EQ(std::get<int64_t>(node.find("i")->value), -3);
  EXPECT_EQ(std::get<std::vector<std::string>>(node.find("ss")->value)[1], "b");
  EXPECT_TRUE(testing::same_bits(read.graph.initializers[0].value, model.graph.initializers[0].value));
  EXPECT_TRUE(read.graph.initializers[2].is_bool);
  EXPECT_EQ((*read.graph.inputs[0].shape)[0].axis, "B");
  EXPECT_EQ(read.graph.inputs[0].doc, "in");
}

// A model with all that exports have: recurrent layers, scans, sizes.
std::string exported_recurrent() {
  Random random(1);
  const Recurrent rnn({.cell = "lstm", .input = 2, .hidden = 3}, random);
  const Graph graph =
      trace_graph({.inputs = {{.name = "x", .shape = {"T", "B", 2}},
                              {.name = "lengths", .dtype = DType::kI64, .shape = {"B"}, .lengths_of = "T"}},
                   .parameters = rnn.named_parameters()},
                  [&](const Tensors& in) {
                    const auto out = rnn(in[0], {.lengths = to_lengths(in[1]), .mode = Mode::evaluation()});
                    return Tensors{out.y, out.state.layers[0][1]};
                  });
  return write_model(onnx_model(graph, "rnn"));
}

// True where the bytes were taken for a model that can be run.
bool accepted(const std::string& bytes) {
  const std::string exact(bytes);  // so that the address sanitizer sees any read beyond it
  try {
    const ModelFunction function(read_model(bytes_of(exact), "f"), "f");
    return !function.inputs().empty();
  } catch (const Error& error) {
    EXPECT_TRUE(std::string_view(error.what()).starts_with("f: ") ||
                std::string_view(error.what()).starts_with("onnx: "))
        << error.what();
    return false;
  }
}

TEST(OnnxModelFile, TruncatedAndFlippedFilesAreRefusedOrRead) {
  const std::string bytes = exported_recurrent();
  ASSERT_TRUE(accepted(bytes));
  for (size_t size = 0; size < bytes.size(); size += 3) accepted(bytes.substr(0, size));
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    for (const int bit : {0, 3, 7}) {
      damaged[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      accepted(damaged);
    }
  }
  EXPECT_ERROR(read_model(bytes_of(""), "f"), "f: not an ONNX model: it has no graph");
  EXPECT_ERROR(read_model(bytes_of("not a model"), "f"), "f: not an ONNX model");
}

TEST(OnnxModelFile, RefusesTensorsThatAreNotThere) {
  const auto tensor = [](const std::vector<int64_t>& sizes, int64_t type, size_t bytes) {
    WireWriter out;
    out.integers(1, sizes);
    out.integer(2, type);
    out.text(9, std::string(bytes, 'x'));
    return out.take();
  };
  const auto read = [](const std::string& bytes) { return read_tensor(bytes_of(bytes), "f"); };
  EXPECT_EQ(read(tensor({2, 1}, 1, 8)).value.shape(), (Shape{2, 1}));
  EXPECT_ERROR(read(tensor({2, 2}, 1, 8)), "a tensor [2, 2]: expected 16 bytes, got 8");
  EXPECT_ERROR(read(tensor({-1}, 1, 8)), "impossible size -1");
  EXPECT_ERROR(read(tensor({int64_t{1} << 40, int64_t{1} << 40}, 1, 8)), "impossible size");
  EXPECT_ERROR(read(tensor({1, 1, 1, 1, 1, 1, 2}, 1, 8)), "a tensor of 7 axes");
  EXPECT_ERROR(read(tensor({4}, 10, 8)), "has FLOAT16, which is not supported");
  EXPECT_ERROR(read(tensor({4}, 99, 8)), "elements of type 99");
}

}  // namespace
}  // namespace recur::onnx
