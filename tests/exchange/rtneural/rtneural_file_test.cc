#include "recur/exchange/rtneural/rtneural_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scratch.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::HasSubstr;

// A layer of one feature, in the format of RTNeural.
std::string document(const std::string& layers) {
  return "{\"in_shape\": [null, null, 1], \"layers\": [" + layers + "]}";
}
std::string dense_text(const std::string& activation) {
  return R"({"type": "dense", "activation": ")" + activation +
         R"(", "shape": [null, null, 2], "weights": [[[1, 2]], [3, 4]]})";
}

rtneural::Model read(const std::string& text) {
  const auto json = parse_json(text, 12);
  if (!json) fail("no JSON");
  return rtneural::read_model("m.json", *json);
}
std::string error(const std::string& text) {
  return message_of([&] { read(text); });
}

TEST(RtneuralFile, ReadsLayersWithTheirActivations) {
  const rtneural::Model model = read(document(dense_text("tanh")));
  EXPECT_EQ(model.input, 1);
  ASSERT_EQ(model.stack.size(), 2u);
  EXPECT_EQ(text_of(model.stack[0].layer), "dense 2");
  EXPECT_THAT(model.stack[0].tensors[0].value.values<float>(), ::testing::ElementsAre(1, 2));
  EXPECT_EQ(model.stack[1].layer.kind, "tanh");
}

// Gates z r h in columns, one unit each, become r z n; the two biases stay apart.
TEST(RtneuralFile, PutsTheGatesOfAGruInOrder) {
  const rtneural::Model model = read(document(R"({"type": "gru", "activation": "tanh", "shape": [null, null, 1],
                        "weights": [[[1, 2, 3]], [[4, 5, 6]], [[7, 8, 9], [10, 11, 12]]]})"));
  const NamedTensors& tensors = model.stack.front().tensors;
  ASSERT_EQ(tensors.size(), 4u);
  EXPECT_THAT(tensors[0].value.values<float>(), ::testing::ElementsAre(2, 1, 3));
  EXPECT_THAT(tensors[1].value.values<float>(), ::testing::ElementsAre(5, 4, 6));
  EXPECT_THAT(tensors[2].value.values<float>(), ::testing::ElementsAre(8, 7, 9));
  EXPECT_THAT(tensors[3].value.values<float>(), ::testing::ElementsAre(11, 10, 12));
}

TEST(RtneuralFile, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(error("{\"layers\": []}"), HasSubstr("m.json: \"in_shape\" is missing"));
  EXPECT_THAT(error(document("")), HasSubstr("\"layers\" is empty"));
  EXPECT_THAT(error(document("{\"type\": \"prelu\"}")),
              HasSubstr("layers[0] (prelu): layers of this type are not read"));
  EXPECT_THAT(error(document("{\"kind\": 1}")), HasSubstr("\"type\" is missing"));
  EXPECT_THAT(error(document(dense_text("tnah"))), HasSubstr("activation \"tnah\"; did you mean 'tanh'"));
  EXPECT_THAT(error(document(R"({"type": "dense", "shape": [2], "weights": [[[1, 2]], [3, "x"]]})")),
              HasSubstr("weights[1]: expected a number, got string"));
  EXPECT_THAT(error(document(R"({"type": "dense", "shape": [2], "weights": [[[1, 2], [3]], [3, 4]]})")),
              HasSubstr("expected a list of 2, as the first one is, got 1"));
  EXPECT_THAT(error(document(R"({"type": "dense", "shape": [3], "weights": [[[1, 2]], [3, 4]]})")),
              HasSubstr("\"shape\" says 3 features, the weights have 2"));
  EXPECT_THAT(
      error(document(R"({"type": "lstm", "shape": [1], "weights": [[[1, 2, 3, 4]], [[1, 2, 3]], [1, 2, 3, 4]]})")),
      HasSubstr("expected 4 gates of 1 units"));
}

TEST(RtneuralFile, ReadsAStateDictInJson) {
  const auto json = parse_json(R"({"fc.weight": [[1, 2]], "fc.bias": [3]})", 12);
  const NamedTensors tensors = rtneural::read_tensors("m.json", *json);
  ASSERT_EQ(tensors.size(), 2u);
  EXPECT_EQ(tensors[0].value.shape(), Shape({1, 2}));
}

}  // namespace
}  // namespace recur
