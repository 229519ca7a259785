#include "recur/tasks/network/network_task.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/autograd/node.h"
#include "recur/ops/reshape.h"
#include "recur/tasks/explainable.h"
#include "recur/tasks/network/network_trained.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

NetworkOptions options_of(int64_t input, const std::vector<std::string>& stack) {
  NetworkOptions options;
  options.model.input = input;
  options.model.stack = stack;
  return options;
}

// With parameters drawn at random, by a seed.
NetworkTrained drawn(int64_t input, const std::vector<std::string>& stack) {
  NetworkTrained trained(options_of(input, stack));
  Random random(5);
  for (NamedTensor each : trained.network().state()) {
    for (int64_t i = 0; i < each.value.numel(); ++i) each.value.data<float>()[i] = 0.5f * float(random.normal());
  }
  return trained;
}

Tensor random_input(int64_t steps, int64_t batch, int64_t features) {
  Random random(7);
  Tensor x = Tensor::empty({steps, batch, features});
  for (int64_t i = 0; i < x.numel(); ++i) x.data<float>()[i] = static_cast<float>(random.normal());
  return x;
}

// All rows that were written, cells joined by commas.
class Rows : public Sink {
 public:
  void columns(const std::vector<std::string>& names) override { header = fmt::format("{}", fmt::join(names, ",")); }
  void row(std::span<const TableCell> cells) override { rows.emplace_back(cells.begin(), cells.end()); }
  std::string header;
  std::vector<std::vector<TableCell>> rows;
};

double last_of(const std::vector<TableCell>& row) { return std::get<double>(row.back()); }

const std::vector<std::string> kCausal{"conv 4 kernel=3 dilation=2 before=4",
                                       "tanh",
                                       "gru 5 layers=2",
                                       "layer_norm",
                                       "dense 10",
                                       "magnitude",
                                       "dense 5",
                                       "sigmoid",
                                       "multiply back=4",
                                       "tanh",
                                       "add back=3",
                                       "scale",
                                       "dense 3",
                                       "softmax"};

TEST(NetworkModel, PiecesAndStepsGiveWhatTheWholeGives) {
  const NetworkTrained trained = drawn(2, kCausal);
  const NetworkModel& network = trained.network();
  const Tensor x = random_input(11, 1, 2);
  const Tensor whole = network(x);
  NetworkModel::State state;
  std::vector<float> pieces;
  for (const auto& [begin, end] : std::vector<std::pair<int64_t, int64_t>>{{0, 1}, {1, 7}, {7, 11}}) {
    const Tensor y = network(
        Tensor::from(x.values<float>().subspan(size_t(2 * begin), size_t(2 * (end - begin))), {end - begin, 1, 2}),
        state);
    pieces.insert(pieces.end(), y.values<float>().begin(), y.values<float>().end());
  }
  NetworkStream stream(network);
  stream.step({x.data<float>(), 2});
  stream.reset();
  NetworkStream fork(network);
  for (int64_t t = 0; t < 11; ++t) {
    const auto y = stream.step({x.data<float>() + 2 * t, 2});
    const auto again = fork.step({x.data<float>() + 2 * t, 2});
    for (size_t o = 0; o < 3; ++o) {
      const float want = whole.data<float>()[3 * t + static_cast<int64_t>(o)];
      EXPECT_NEAR(pieces[static_cast<size_t>(3 * t) + o], want, 1e-6);
      EXPECT_NEAR(y[o], want, 1e-6);
      EXPECT_EQ(again[o], y[o]);
    }
    if (t == 5) {  // a copy goes on from where it was
      NetworkStream copy(stream);
      NetworkStream other(copy);
      EXPECT_EQ(copy.step({x.data<float>(), 2})[0], other.step({x.data<float>(), 2})[0]);
    }
  }
}

TEST(NetworkModel, EveryActivationStepsAsItRuns) {
  const Tensor x = random_input(5, 1, 4);
  for (const std::string_view kind : activation_names()) {
    const NetworkTrained trained = drawn(4, {std::string(kind)});
    const Tensor y = trained.network()(x);
    NetworkStream stream(trained.network());
    for (int64_t t = 0; t < 5; ++t) {
      const auto out = stream.step({x.data<float>() + 4 * t, 4});
      for (size_t o = 0; o < 4; ++o) EXPECT_NEAR(out[o], y.data<float>()[4 * t + int64_t(o)], 2e-6) << kind;
    }
  }
}

// Of both directions, "last" is what each has read all of.
TEST(NetworkModel, LastOfBothDirections) {
  const NetworkTrained trained = drawn(2, {"lstm 3 bidirectional", "last"});
  const NetworkTrained all = drawn(2, {"lstm 3 bidirectional"});
  const Tensor x = random_input(4, 2, 2);
  const Tensor last = trained.network()(x), y = all.network()(x);
  ASSERT_EQ(last.shape(), Shape({1, 2, 6}));
  for (int64_t k = 0; k < 3; ++k) {
    EXPECT_EQ(last.data<float>()[k], y.data<float>()[3 * 2 * 6 + k]);
    EXPECT_EQ(last.data<float>()[3 + k], y.data<float>()[3 + k]);
  }
}

// A layer between two `reverse` is the backward half of a bidirectional one.
TEST(NetworkModel, ReversedTwiceALayerReadsFromTheEnd) {
  const NetworkTrained both = drawn(2, {"lstm 3 bidirectional"});
  NetworkTrained backwards = drawn(2, {"reverse", "lstm 3", "reverse"});
  const NamedTensors weights = both.network().state();
  for (NamedTensor each : backwards.network().state()) {
    const std::string there = "0" + each.name.substr(1) + "_reverse";
    each.value.copy_from(std::ranges::find(weights, there, &NamedTensor::name)->value);
  }
  const Tensor x = random_input(4, 1, 2), y = both.network()(x), turned = backwards.network()(x);
  for (int64_t t = 0; t < 4; ++t) {
    for (int64_t k = 0; k < 3; ++k) EXPECT_EQ(turned.data<float>()[3 * t + k], y.data<float>()[6 * t + 3 + k]);
  }
  EXPECT_FALSE(backwards.network().is_causal());
}

TEST(NetworkTask, PredictsEachStepAndStreamsTheSame) {
  const Scratch scratch;
  const NetworkTrained trained = drawn(2, {"lstm 4", "dense 1"});
  Rows rows;
  trained.predict({scratch.put("x.csv", "0.5,1\n-1,2\n0.25,0\n")}, rows);
  EXPECT_EQ(rows.header, "id,step,y1");
  ASSERT_EQ(rows.rows.size(), 3u);
  Rows streamed;
  const auto session = trained.session();
  for (const char* line : {"a,b", "0.5,1", "-1,2", "0.25,0"}) session->take({.line = line}, streamed);
  EXPECT_EQ(streamed.header, "step,y1");
  ASSERT_EQ(streamed.rows.size(), 3u);
  for (size_t t = 0; t < 3; ++t) EXPECT_NEAR(last_of(streamed.rows[t]), last_of(rows.rows[t]), 1e-6);
}

TEST(NetworkTask, SeriesOfATableAreApart) {
  const Scratch scratch;
  NetworkTrained trained = drawn(1, {"gru 4", "dense 1", "last"});
  Config config;
  trained.declare_use(config);
  config.apply_override("id_column=id");
  Rows rows;
  trained.predict({scratch.put("x.csv", "id,v\na,1\na,2\nb,1\nb,2\nc,7\n")}, rows);
  EXPECT_EQ(rows.header, "id,y1");
  ASSERT_EQ(rows.rows.size(), 3u);
  EXPECT_EQ(last_of(rows.rows[0]), last_of(rows.rows[1]));
  EXPECT_NE(last_of(rows.rows[0]), last_of(rows.rows[2]));

  config.apply_override("target_columns=y");
  const Evaluation evaluation = trained.evaluate({scratch.put("xy.csv", "id,v,y\na,1,0\na,2,3\n")}, nullptr);
  EXPECT_EQ(evaluation.examples, 1);
  EXPECT_NEAR(evaluation.at("loss"), std::pow(last_of(rows.rows[0]) - 3, 2), 1e-5);
  EXPECT_NEAR(evaluation.at("largest_error"), std::abs(last_of(rows.rows[0]) - 3), 1e-5);
}

TEST(NetworkTask, ReadsSymbols) {
  const Scratch scratch;
  const NetworkTrained trained = drawn(1, {"embedding 3 vocabulary=4", "gru 4", "dense 1"});
  Rows rows;
  trained.predict({scratch.put("x.csv", "0\n3\n1\n")}, rows);
  EXPECT_EQ(rows.rows.size(), 3u);
  EXPECT_ERROR(trained.predict({scratch.put("y.csv", "0\n4\n")}, rows),
               "step 2: expected the number of a symbol, 0 to 3");
  EXPECT_ERROR(trained.session()->take({.line = "0.5"}, rows), "expected the number of a symbol");
}

TEST(NetworkTask, SaysWhatItCannotRead) {
  const Scratch scratch;
  const NetworkTrained trained = drawn(2, {"lstm 4", "dense 1"});
  Rows rows;
  EXPECT_ERROR(trained.predict({scratch.put("x.csv", "1,2,3,4,5\n4,5,6,7,8\n")}, rows), "expected 2 channels, got");
  EXPECT_ERROR(trained.predict({scratch.put("z.csv", "1,2\n,5\n")}, rows), "channel 1: a value is missing");
  EXPECT_ERROR(trained.session()->take({.line = "1,2,3"}, rows), "expected 2 channels, got 3: #1, #2, #3");
  EXPECT_ERROR(trained.evaluate({scratch.put("x.csv", "1,2\n")}, nullptr), "--target-columns: expected 1 column");
  EXPECT_ERROR(drawn(2, {"lstm 4 bidirectional"}).session(),
               "layer 'lstm 4 bidirectional', which needs whole sequences");
  EXPECT_ERROR(drawn(2, {"lstm 4 bidirectional", "gru 3", "gru 2 bidirectional"}).session(),
               "layers 'lstm 4 bidirectional', 'gru 2 bidirectional', which need whole sequences");
}

TEST(NetworkTask, ExplainsAnOutputOfAStep) {
  const Scratch scratch;
  const NetworkTrained trained = drawn(2, {"lstm 4", "dense 3"});
  const auto path = scratch.put("x.csv", "0.5,1\n-1,2\n0.25,0\n");
  Rows rows;
  trained.predict({path}, rows);
  const auto data = trained.explainable({path});
  const auto record = data->record(0, {.name = "y2", .step = 2});
  const Tensor x = record->read().x;
  ASSERT_EQ(x.shape(), Shape({2, 2}));  // the steps up to the one that is explained
  EXPECT_NEAR(record->score(reshape(x, {2, 1, 2})).data<float>()[0], std::get<double>(rows.rows[1][3]), 1e-6);
  EXPECT_EQ(record->recurrent(reshape(x, {2, 1, 2})).size(), 1u);
  EXPECT_EQ(data->record(0, {})->read().x.size(0), 3);
  EXPECT_ERROR(drawn(1, {"embedding 3 vocabulary=4"}).explainable({scratch.put("s.csv", "1\n")}),
               "reads numbers of symbols");
}

TEST(NetworkTask, IsNotTrained) {
  const auto task = make_task("network");
  EXPECT_THAT(message_of<UsageError>([&] { task->train({}, {}); }), HasSubstr("recur import FILE --out MODEL"));
}

// A file of anybody: sizes are held against what the file has before anything is built.
TEST(NetworkTask, RefusesStacksThatDoNotFit) {
  const auto error = [](int64_t input, const std::vector<std::string>& stack, int64_t elements = 1 << 20) {
    return message_of([&] { check_stack(options_of(input, stack).model, elements); });
  };
  EXPECT_EQ(error(3, {"lstm 8", "dense 2"}), "");
  EXPECT_THAT(error(3, {}), HasSubstr("expected 1 to 1000 layers, got 0"));
  EXPECT_THAT(error(3, {"lstm 8", "dense 2"}, 10), HasSubstr("at least"));
  EXPECT_THAT(error(1 << 24, {"scale", "scale"}, 10), HasSubstr("at least"));
  EXPECT_THAT(error(3, {"lstm 16777216 layers=1000"}), HasSubstr("at least"));
  EXPECT_THAT(error(3, {"lstm 1 layers=1001"}), HasSubstr("at most 1000 layers"));
  EXPECT_THAT(error(3, {"dense 2", "last", "lstm 3"}), HasSubstr("layer 3 ('lstm 3'): behind 'last'"));
  EXPECT_THAT(error(1, {"tanh", "embedding 4 vocabulary=9"}), HasSubstr("an embedding must be the first layer"));
  EXPECT_THAT(error(3, {"last"}), HasSubstr("'last' must follow a layer"));
  EXPECT_THAT(error(3, {"dense 3", "magnitude"}), HasSubstr("expected an even number of features, got 3"));
  EXPECT_EQ(error(3, {"gru 3", "add back=1"}), "");
  EXPECT_THAT(error(3, {"gru 4", "add back=1"}), HasSubstr("layer 2 ('add back=1'): it joins 3 features and 4"));
  EXPECT_THAT(error(3, {"gru 3", "add back=2"}), HasSubstr("there are only 1 layers before it"));
  EXPECT_THAT(error(3, {"conv 3 kernel=3", "multiply back=1"}), HasSubstr("gives another number of steps"));
  EXPECT_THAT(error(3, {"gru 3", "last", "add back=2"}), HasSubstr("layer 2 ('last') gives another number of steps"));
}

// With factors of 1, by hand: x + 2 x, times x, and the length of (3, 4).
TEST(NetworkModel, JoinsReadWhatEarlierLayersRead) {
  NetworkOptions options = options_of(2, {"dense 2", "add back=1", "multiply back=2", "magnitude"});
  NetworkTrained trained(options);
  for (NamedTensor each : trained.network().state())
    for (int64_t i = 0; i < each.value.numel(); ++i)
      each.value.data<float>()[i] = each.name == "0.weight" && (i == 0 || i == 3) ? 2.0F : 0.0F;
  const Tensor y = trained.network()(Tensor::from(std::vector<float>{1, 2}, {1, 1, 2}));
  ASSERT_EQ(y.numel(), 1);
  EXPECT_NEAR(y.item(), std::hypot(3.0, 12.0), 1e-5);
}

TEST(NetworkTask, SavedInIntegersItStillPredicts) {
  const Scratch scratch;
  const NetworkTrained trained = drawn(8, {"lstm 32", "dense 40", "tanh", "dense 1"});
  trained.save_int8(scratch / "small.recur");
  const auto small = load_trained(scratch / "small.recur");
  const Tensor x = random_input(6, 1, 8);
  const autograd::NoGrad no_grad;
  const Tensor a = trained.network()(x), b = dynamic_cast<const NetworkTrained&>(*small).network()(x);
  double most = 0;
  for (int64_t t = 0; t < 6; ++t) most = std::max(most, std::abs(double{a.data<float>()[t]} - b.data<float>()[t]));
  EXPECT_GT(most, 0);
  EXPECT_LT(most, 0.3);
}

}  // namespace
}  // namespace recur
