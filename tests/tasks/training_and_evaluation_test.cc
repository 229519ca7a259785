// A trained model computes in evaluation what it computed in training: the loss on the training file is that of the
// last passes, with ragged lengths, small batches and norms.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;

// Long and short waves, whose levels differ: a batch of short ones alone has another mean than all.
std::string ragged_waves(uint64_t seed) {
  Random random(seed);
  std::string out;
  for (int i = 0; i < 60; ++i) {
    const bool fast = random.bernoulli(0.5);
    const uint64_t steps = 6 + random.below(3) * 20 + random.below(5);
    std::string cells;
    for (uint64_t t = 0; t < steps; ++t) {
      const double x =
          std::sin(static_cast<double>(t) * (fast ? 0.9 : 0.6)) + random.normal() + static_cast<double>(steps) * 0.2;
      cells += fmt::format("{}{:.3f}", t > 0 ? ", " : "", x);
    }
    out += fmt::format("{{\"values\": [{}], \"label\": \"{}\"}}\n", cells, fast ? "fast" : "slow");
  }
  return out;
}

class TrainingAndEvaluation : public ::testing::TestWithParam<TinyTask> {};

TEST_P(TrainingAndEvaluation, AgreeOnTheLoss) {
  const Scratch scratch;
  const auto data = tiny_data(GetParam(), scratch);
  const auto training = make_tiny(GetParam())->train({.files = {data}}, {.seed = 1});
  train_by_hand(*training, 80, 0.003);
  for (int i = 0; i < 100; ++i) training->step();  // the running averages become those of the last weights
  double sum = 0, examples = 0;
  for (bool ends = false; !ends;) ends = training->step().ends_epoch;  // to the end of the pass
  for (int passes = 0; passes < 10;) {
    const TrainingStep step = training->step();
    sum += step.loss * static_cast<double>(step.examples);
    examples += static_cast<double>(step.examples);
    passes += step.ends_epoch ? 1 : 0;
  }
  const double evaluated = training->trained().evaluate({data}).at("loss");
  EXPECT_NEAR(evaluated / (sum / examples), 1, 0.02) << sum / examples;
}

std::vector<TinyTask> comparable_tasks() {
  const auto series = [](const std::string& name, std::vector<std::string> options) {
    options.insert(options.end(),
                   {"batch=6", "hidden=4", "dropout=0", "members=1", "augment=none", "random_kernels=0"});
    return TinyTask{name, "classify", "a.jsonl", ragged_waves, options};
  };
  return {
      series("rnn", {"network=rnn", "conv=6,8", "stride=2", "layer_norm=true"}),
      series("cnn", {"network=cnn", "filters=8,8,8"}),
      series("lstm_fcn", {"network=lstm-fcn", "conv=6", "filters=8,8,8"}),
      series("mlp", {"network=mlp", "mlp=8,8"}),
      {"values",
       "classify",
       "a.jsonl",
       tiny_levels,
       {"batch=6", "hidden=4", "dropout=0", "filters=8,8,8", "members=1", "augment=none"}},
      {"texts",
       "classify",
       "a.tsv",
       tiny_reviews,
       {"batch=4", "hidden=4", "embedding=3", "dropout=0", "conv=6", "layer_norm=true", "ngrams=0"}},
      {"tag",
       "tag",
       "a.conll",
       tiny_names,
       {"batch=4", "hidden=4", "embedding=3", "char_embedding=3", "char_hidden=3", "dropout=0", "word_dropout=0",
        "layer_norm=true"}},
      {"diagnose",
       "diagnose",
       "a.csv",
       tiny_records,
       {"batch=4", "hidden=4", "label_columns=ill,tested", "dropout=0", "layer_norm=true", "replication=0",
        "bootstrap=5"}},
  };
}

INSTANTIATE_TEST_SUITE_P(All, TrainingAndEvaluation, ::testing::ValuesIn(comparable_tasks()), name_of_tiny);

}  // namespace
}  // namespace recur
