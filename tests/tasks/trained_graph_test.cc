// The graphs of trained models compute what their networks do.
#include "recur/tasks/trained_graph.h"

#include <gtest/gtest.h>

#include "recur/autograd/node.h"
#include "recur/nn/layer_ops.h"
#include "recur/ops/reshape.h"
#include "recur/ops/run_graph.h"
#include "recur/ops/softmax.h"
#include "recur/tasks/lm/lm_trained.h"
#include "recur/tasks/tag/tag_trained.h"
#include "recur/tasks/translate/translate_steps.h"
#include "recur/tasks/translate/translate_trained.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"
#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;

// A tiny model of a task, trained for two steps.
template <class T>
class Tiny {
 public:
  explicit Tiny(const std::string& name, const std::vector<std::string>& options = {}) {
    for (TinyTask tiny : tiny_tasks()) {
      if (tiny.name != name) continue;
      tiny.options.insert(tiny.options.end(), options.begin(), options.end());
      training_ = make_tiny(tiny)->train({.files = {DataFile(tiny_data(tiny, scratch_).string())}}, {.seed = 1});
      train_by_hand(*training_, 2);
    }
  }

  const T& trained() const { return dynamic_cast<const T&>(training_->trained()); }

 private:
  Scratch scratch_;
  std::unique_ptr<Training> training_;
};

void expect_near(const Tensor& ours, const Tensor& theirs) {
  ASSERT_EQ(ours.shape(), theirs.shape());
  EXPECT_LT(relative_error(ours, theirs), 1e-5);
}

Tensor lengths_of(const std::vector<int64_t>& lengths) { return Tensor::from(lengths, {std::ssize(lengths)}); }

TEST(TrainedGraph, OfALanguageModelGoesOnFromItsStates) {
  const Tiny<LmTrained> tiny("lm", {"layers=2"});
  const autograd::NoGrad no_grad;
  const LmModel& model = tiny.trained().network();
  const TrainedGraph whole = tiny.trained().graph({}), step = tiny.trained().graph({.stateful = true});
  EXPECT_EQ(whole.graph.inputs.size(), whole.inputs.size());
  EXPECT_EQ(whole.graph.outputs.size(), whole.outputs.size());
  const Tensor ids = Tensor::from(std::vector<int32_t>{1, 2, 3, 4, 2, 1}, {3, 2});
  const auto out = model(ids, {.lengths = {3, 1}, .mode = Mode::evaluation()});
  const Tensor zero = Tensor::zeros({2, 5});
  const Tensors made = run_graph(whole.graph, {ids, lengths_of({3, 1}), zero, zero, zero, zero}, all_ops());
  expect_near(made[0], log_softmax(model.logits(out.features)));
  expect_near(made[4], out.state.layers[1][1]);
  Tensors states(4, zero);
  for (int64_t t = 0; t < 3; ++t) {
    Tensors in{row(ids, t)};
    in.insert(in.end(), states.begin(), states.end());
    const Tensors after = run_graph(step.graph, in, all_ops());
    expect_near(row(after[0], 0), row(row(made[0], t), 0));
    states.assign(after.begin() + 1, after.end());
  }
}

TEST(TrainedGraph, OfATaggerGivesItsTags) {
  for (const auto& [output, blocks] :
       std::vector<std::pair<const char*, const char*>>{{"crf", "0"}, {"softmax", "1"}}) {
    const Tiny<TagTrained> tiny(
        "tag", {std::string("output=") + output, std::string("attention_blocks=") + blocks, "heads=2"});
    const autograd::NoGrad no_grad;
    const TagModel& model = tiny.trained().network();
    TagBatch batch;
    batch.words = Tensor::from(std::vector<int32_t>{1, 2, 2, 0, 1, 0}, {3, 2});
    batch.lengths = {3, 1};
    batch.characters = Tensor::from(std::vector<int32_t>{1, 2, 3, 2, 1, 0}, {2, 3});
    batch.character_lengths = {2, 2, 1};
    batch.word_at = Tensor::from(std::vector<int32_t>{0, 1, 1, 0, 2, 0}, {3, 2});
    const Tensor scores = model(batch, Mode::evaluation());
    const auto tags = model.tag(scores, batch.lengths);
    const Tensors made = run_graph(
        tiny.trained().graph({}).graph,
        {batch.words, lengths_of(batch.lengths), batch.characters, lengths_of(batch.character_lengths), batch.word_at},
        all_ops());
    for (size_t b = 0; b < 2; ++b)
      for (size_t t = 0; t < tags[b].size(); ++t) EXPECT_EQ(made[0].values<int32_t>()[t * 2 + b], tags[b][t]);
    const Tensor probabilities = model.probabilities(scores, batch.lengths);
    for (int64_t c = 0; c < probabilities.size(2); ++c)
      EXPECT_NEAR(row(made[1], 0).values<float>()[static_cast<size_t>(c)],
                  row(probabilities, 0).values<float>()[static_cast<size_t>(c)], 1e-6);
    expect_near(made[2], scores);
  }
}

TEST(TrainedGraph, OfATranslatorReadsAndWrites) {
  for (const char* attention : {"general", "multi_head", "none"}) {
    const Tiny<TranslateTrained> tiny("translate", {std::string("attention=") + attention, "heads=2"});
    const autograd::NoGrad no_grad;
    const SourceBatch source{.ids = Tensor::from(std::vector<int32_t>{1, 2, 3, 0}, {2, 2}), .lengths = {2, 1}};
    const TranslateModel& network = tiny.trained().network().members().front();
    const TranslateSteps steps(network, source, {});
    const bool attends = std::string(attention) != "none";
    const TrainedGraph encoder = tiny.trained().graph({}), decoder = tiny.trained().graph({.part = "decoder"});
    EXPECT_EQ(encoder.parts, (std::vector<std::string>{"encoder", "decoder"}));
    const Tensors read = run_graph(encoder.graph, {source.ids, lengths_of(source.lengths)}, all_ops());
    Tensors state = steps.initial(2);
    Tensors own(read.begin() + (attends ? 2 : 0), read.end());
    if (network.decoder().feeds()) own.push_back(Tensor::zeros({2, network.decoder().output_features()}));
    Tensor symbols = Tensor::from(std::vector<int32_t>{1, 2}, {2});
    for (int k = 0; k < 3; ++k) {
      const auto expected = steps.step(symbols, state);
      Tensors in{symbols};
      in.insert(in.end(), own.begin(), own.end());
      if (attends) in.insert(in.end(), {read[0], read[1], lengths_of(source.lengths)});
      const Tensors made = run_graph(decoder.graph, in, all_ops());
      expect_near(made[0], expected.log_probabilities);
      if (attends) expect_near(made.back(), expected.attention);
      state = expected.state;
      own.assign(made.begin() + 1, made.begin() + 1 + std::ssize(own));
    }
  }
}

TEST(TrainedGraph, RefusesWhatThereIsNot) {
  const Tiny<Trained> smoothing("forecast", {"decoder=smoothing", "season=1"});
  EXPECT_ERROR(smoothing.trained().graph({}),
               "decoder = smoothing, or with decoder = autoregressive and several members, cannot be exported");
  const Tiny<LmTrained> lm("lm");
  EXPECT_ERROR(lm.trained().graph({.part = "x"}), "the network of the task 'lm' has one part only");
  const auto int8 = lm.trained().clone();
  int8->module().infer_in_int8();
  EXPECT_ERROR(int8->graph({}), "the weights of the model are int8");
}

}  // namespace
}  // namespace recur
