// Whole models as graphs with open sizes: a node a layer, and opened into scans and the parts of ops.
#include <gtest/gtest.h>

#include "recur/nn/layer_ops.h"
#include "recur/ops/run_graph.h"
#include "recur/tasks/classify/classify_ensemble.h"
#include "recur/tasks/forecast/segment_forecaster.h"
#include "recur/tasks/lm/lm_model.h"
#include "tests/support/op_case.h"
#include "tests/support/traced.h"
#include "tests/tasks/classify/small_classifier.h"
#include "tests/tasks/forecast/panel_of.h"

namespace recur {
namespace {

using namespace testing;

const GraphInput kOpenLengths{.name = "lengths", .dtype = DType::kI64, .shape = {"B"}, .lengths_of = "T"};

bool has(const Graph& graph, const std::string& op) {
  return std::ranges::any_of(graph.nodes, [&](const GraphNode& node) { return node.op == op; });
}

// The graph gives what the model gives, to rounding, at sizes that were not traced: at the level of layers, and opened.
// `axis`: the one that is not the batch.
void expect_rebuilt(const TraceSpec& spec, const TensorFunction& model, const std::string& axis) {
  const OpTable table = all_ops();
  const Graph graph = trace_graph(spec, model), opened = open_graph(graph, table.opens_all_but({"linear"}), table);
  EXPECT_TRUE(has(graph, "recurrent_layer")) << graph.str();
  EXPECT_FALSE(has(opened, "recurrent_layer")) << opened.str();
  EXPECT_TRUE(has(opened, "scan")) << opened.str();
  const autograd::NoGrad no_grad;
  uint64_t seed = 90;
  for (const auto& [steps, batch] : {std::pair{23, 4}, {9, 1}, {4, 30}}) {
    const AxisSizes sizes{{axis, steps}, {"B", batch}};
    const Tensors inputs = random_inputs(spec.inputs, sizes, ++seed), direct = model(inputs);
    const Tensors rebuilt = run_graph(graph, inputs, table), parts = run_graph(opened, inputs, table);
    ASSERT_EQ(rebuilt.size(), direct.size());
    ASSERT_EQ(parts.size(), direct.size());
    for (size_t k = 0; k < parts.size(); ++k) {
      EXPECT_LT(relative_error(rebuilt[k], direct[k]), 1e-6) << k << " at " << to_string(sizes) << "\n" << graph.str();
      EXPECT_LT(relative_error(parts[k], direct[k]), 2e-6) << k << " at " << to_string(sizes) << "\n" << opened.str();
    }
  }
}

TEST(TracedModels, LanguageModel) {
  for (const bool tie : {false, true}) {
    LmModelOptions options{.rnn = {.hidden = 6, .layers = 2}, .tie = tie};
    Random random(1);
    const LmModel model(options, 11, random);
    expect_rebuilt(
        {.inputs = {{.name = "ids", .dtype = DType::kI32, .shape = {"T", "B"}, .below = 11}},
         .parameters = model.named_parameters()},
        [&](const Tensors& in) {
          const auto out = model(in[0], {.mode = Mode::evaluation()});
          Tensors all{model.logits(out.features)};
          for (const Tensors& layer : out.state.layers) all.insert(all.end(), layer.begin(), layer.end());
          return all;
        },
        "T");
  }
}

TEST(TracedModels, ClassifierOfTexts) {
  for (const char* pooling : {"last", "mean", "max", "attention", "concat"}) {
    SCOPED_TRACE(pooling);
    ClassifyModelOptions options = small_classifier(pooling);
    options.rnn.bidirectional = true;
    Random random(1);
    const ClassifyEnsemble model(options, {.text = true, .features = 13, .outputs = 3}, random);
    expect_rebuilt(
        {.inputs = {{.name = "ids", .dtype = DType::kI32, .shape = {"T", "B"}, .below = 13}, kOpenLengths},
         .parameters = model.named_parameters()},
        [&](const Tensors& in) { return Tensors{model.answer({.x = in[0], .lengths = to_lengths(in[1])}, false)}; },
        "T");
  }
}

void expect_series_classifier_rebuilt(const ClassifyModelOptions& options) {
  Random random(1);
  const ClassifyEnsemble model(options, {.features = 2, .outputs = 3}, random);
  expect_rebuilt(
      {.inputs = {{.name = "x", .shape = {"T", "B", 2}}, kOpenLengths}, .parameters = model.state()},
      [&](const Tensors& in) { return Tensors{model.answer({.x = in[0], .lengths = to_lengths(in[1])}, false)}; }, "T");
}

TEST(TracedModels, ClassifierOfSeriesBehindConvolutions) {
  for (const int64_t stride : {1, 2}) {
    ClassifyModelOptions options = small_classifier("max");
    options.conv = std::vector<int64_t>{5, 4};
    options.stride = stride;
    options.members = 2;
    expect_series_classifier_rebuilt(options);
  }
}

TEST(TracedModels, ClassifierOfRecurrentLayersBesideConvolutions) {
  for (const int64_t stride : {1, 2}) {
    ClassifyModelOptions options = small_classifier("mean");
    options.network = "lstm-fcn";
    options.filters = std::vector<int64_t>{16, 5, 4};
    options.filter_stride = stride;
    expect_series_classifier_rebuilt(options);
  }
}

TEST(TracedModels, ForecasterBySegments) {
  for (const bool attention : {false, true}) {
    ForecastOptions options;
    options.data = data_options(5, 6);
    options.model.head = "quantiles";
    options.model.quantiles = 3;
    options.model.rnn.hidden = 4;
    options.model.segment = 2;
    options.model.highway = 3;
    options.model.attention = attention;
    const ForecastSizes sizes{.past = 1, .ahead = 2, .statics = 3, .identities = 4};
    Random random(1);
    const SegmentForecaster model(options, sizes, random);
    const int64_t segments_ahead = 3, features = 2 * (2 + 1 + 2);
    expect_rebuilt(
        {.inputs = {{.name = "segments", .shape = {"N", "B", features}},
                    {.name = "lengths", .dtype = DType::kI64, .shape = {"B"}, .lengths_of = "N"},
                    {.name = "recent", .shape = {"B", 3}},
                    {.name = "identities", .dtype = DType::kI32, .shape = {"B"}, .below = 4},
                    {.name = "statics", .shape = {"B", 3}},
                    {.name = "ahead", .shape = {segments_ahead, "B", 4}}},
         .parameters = model.named_parameters()},
        [&](const Tensors& in) {
          return Tensors{model({.segments = in[0],
                                .lengths = to_lengths(in[1]),
                                .recent = in[2],
                                .identities = in[3],
                                .statics = in[4],
                                .ahead = in[5]},
                               Mode::evaluation())};
        },
        "N");
  }
}

}  // namespace
}  // namespace recur
