// Of every task: processes that each take their share of every batch learn, together, what one process would.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/throws.h"
#include "tests/tasks/tiny_tasks.h"

namespace recur {
namespace {

using namespace testing;

// Without what is drawn, which each process draws for itself.
std::vector<TinyTask> cases() {
  const std::vector<std::string> lm{"batch=5", "bptt=7", "hidden=5"};
  const std::vector<std::string> classify{"batch=5", "hidden=4", "embedding=3", "dropout=0"};
  const std::vector<std::string> tag{"batch=4",       "hidden=4",  "embedding=3",   "char_embedding=3",
                                     "char_hidden=3", "dropout=0", "word_dropout=0"};
  const std::vector<std::string> detect{"batch=5", "hidden=4", "window=8"};
  const std::vector<std::string> forecast{"batch=5",   "hidden=4", "members=1", "horizon=2",
                                          "context=4", "season=2", "dropout=0"};
  const std::vector<std::string> diagnose{"batch=5", "hidden=4", "label_columns=ill,tested", "dropout=0"};
  const auto with = [](std::vector<std::string> options, const std::vector<std::string>& more) {
    options.insert(options.end(), more.begin(), more.end());
    return options;
  };
  return {
      {"lm", "lm", "a.txt", tiny_lines, lm},
      {"lm_penalties", "lm", "a.txt", tiny_lines,
       with(lm,
            {"loss_scale=zaremba", "activation_penalty=2", "slowness_penalty=1", "smoothing=0.1", "random_bptt=true"})},
      {"classify", "classify", "a.tsv", tiny_reviews, classify},
      {"classify_weights", "classify", "a.tsv", tiny_reviews,
       with(classify, {"class_weights=balanced", "smoothing=0.1", "members=2"})},
      {"classify_values", "classify", "a.jsonl", tiny_levels,
       with(classify, {"network=rnn", "members=1", "augment=none"})},
      {"tag_softmax", "tag", "a.conll", tiny_names, with(tag, {"output=softmax"})},
      {"tag_crf", "tag", "a.conll", tiny_names, with(tag, {"output=crf", "characters=conv"})},
      {"detect_forecast", "detect", "a.csv", tiny_wave, detect},
      {"detect_reconstruct", "detect", "a.csv", tiny_wave, with(detect, {"method=reconstruct", "window=4"})},
      {"detect_classify", "detect", "a.csv", tiny_wave, with(detect, {"method=classify", "balanced=true"})},
      {"forecast_direct", "forecast", "a.csv", tiny_series_with_gaps, forecast},
      {"forecast_members", "forecast", "a.csv", tiny_series_with_gaps, with(forecast, {"members=3"})},
      {"forecast_autoregressive", "forecast", "a.csv", tiny_series_with_gaps,
       with(forecast, {"decoder=autoregressive"})},
      {"forecast_smoothing", "forecast", "a.csv", tiny_series_with_gaps,
       with(forecast, {"decoder=smoothing", "identity=series"})},
      {"diagnose", "diagnose", "a.csv", tiny_records, diagnose},
      {"diagnose_auxiliary", "diagnose", "a.csv", tiny_records,
       with(diagnose, {"label_columns=ill", "auxiliary_columns=tested", "auxiliary_weight=0.3", "replication=0.5"})},
      {"translate", "translate", "a.tsv", tiny_pairs, {"batch=5", "hidden=4", "dropout=0"}},
      // Without convolutions, whose norms are those of the share.
      {"transcribe",
       "transcribe",
       "a.tsv",
       tiny_tones,
       {"batch=5", "hidden=4", "layers=1", "bands=8", "conv_widths=0", "subsample=1", "dropout=0"}},
      {"synthesize",
       "synthesize",
       "a.tsv",
       tiny_tones,
       {"batch=5", "hidden=4", "embedding=4", "prenet=4", "decoder_hidden=4", "decoder_layers=1", "attention_units=3",
        "attention_location=3", "bands=8", "postnet=4", "dropout=0", "prenet_dropout=0", "vocoder_hidden=5",
        "vocoder_features=3", "vocoder_levels=8", "vocoder_prediction=2", "vocoder_segment=2"}},
      {"act",
       "act",
       "",
       nullptr,
       {"env=t-maze:2", "envs=5", "rollout=9", "hidden=4", "encoder=3", "minibatches=2", "passes=2"}},
      {"act_pendulum",
       "act",
       "",
       nullptr,
       {"env=pendulum", "envs=5", "rollout=9", "hidden=4", "encoder=3", "minibatches=2", "bptt=4"}},
      {"adapt", "adapt", "a.jsonl", tiny_classes, {"batch=5", "hidden=4", "ways=2", "queries=2"}},
      {"adapt_reader",
       "adapt",
       "a.jsonl",
       tiny_classes,
       {"batch=5", "hidden=4", "ways=3", "queries=2", "learner=reader", "network=conv", "filters=3"}},
      {"denoise", "denoise", "a.npy", tiny_pictures, {"batch=5", "width=4", "blocks=2", "hidden=3", "patch=8"}},
      {"denoise_rows", "denoise", "a.npy", tiny_pictures, {"batch=5", "network=rows", "hidden=3", "objective=mae"}},
      {"denoise_noisy",
       "denoise",
       "a.npy",
       tiny_pictures,
       {"batch=5", "width=4", "blocks=2", "hidden=3", "patch=8", "learn_from=noisy"}},
      {"denoise_series",
       "denoise",
       "a.csv",
       tiny_series_with_gaps,
       {"batch=5", "width=4", "blocks=2", "hidden=3", "patch=8", "learn_from=noisy"}},
      {"recognize",
       "recognize",
       "a.csv",
       tiny_clips,
       {"batch=5", "hidden=4", "network=rnn", "augment=none", "dropout=0", "class_weights=sqrt", "members=2"}},
      {"recognize_frames",
       "recognize",
       "a.csv",
       tiny_recordings,
       {"batch=4", "hidden=4", "augment=none", "dropout=0", "window=18"}},
  };
}

class Shares : public ::testing::TestWithParam<TinyTask> {
 protected:
  std::unique_ptr<Training> begun(const Shard& shard) const {
    auto training = make_tiny(GetParam())->train({.files = data_}, {.seed = 3, .shard = shard});
    training->module().to(DType::kF64);
    return training;
  }
  std::vector<std::unique_ptr<Training>> all_ranks(int ranks) const {
    std::vector<std::unique_ptr<Training>> all;
    for (int rank = 0; rank < ranks; ++rank) all.push_back(begun({.rank = rank, .ranks = ranks}));
    return all;
  }

  Scratch scratch_;
  const DataFiles data_ = tiny_files(GetParam(), scratch_);
};

// Of all parameters, one after the other.
using Numbers = std::vector<double>;

struct Pushed {
  TrainingStep step;
  Numbers gradient;
};

Pushed push(Training& training) {
  Pushed pushed{.step = training.step(), .gradient = {}};
  pushed.step.objective.backward();
  for (Tensor parameter : training.module().parameters()) {
    const Tensor own = parameter.grad();
    const size_t begin = pushed.gradient.size();
    pushed.gradient.resize(begin + static_cast<size_t>(parameter.numel()), 0);
    if (own.defined()) std::ranges::copy(own.values<double>(), pushed.gradient.begin() + static_cast<int64_t>(begin));
    parameter.set_grad({});
  }
  return pushed;
}

double largest(const Numbers& numbers) {
  double most = 0;
  for (const double each : numbers) most = std::max(most, std::abs(each));
  return most;
}

TEST_P(Shares, PutTogetherByTheirWeightsAreTheWholeBatch) {
  for (const int ranks : {2, 3, 6}) {
    if (ranks > 5 && (GetParam().task == "lm" || GetParam().task == "forecast")) continue;  // each must have a share
    const auto one = begun({});
    const auto all = all_ranks(ranks);
    for (int k = 0; k < 8; ++k) {
      const Pushed want = push(*one);
      Numbers gradient(want.gradient.size(), 0);
      double weight = 0, objective = 0;
      int64_t examples = 0;
      for (const auto& rank : all) {
        const Pushed part = push(*rank);
        for (size_t i = 0; i < gradient.size(); ++i) gradient[i] += part.gradient[i] * part.step.weight;
        objective += part.step.objective.item() * part.step.weight;
        weight += part.step.weight;
        examples += part.step.examples;
        EXPECT_EQ(part.step.ends_epoch, want.step.ends_epoch);
      }
      EXPECT_EQ(examples, want.step.examples);
      EXPECT_NEAR(weight, want.step.weight, 1e-6 * weight);
      ASSERT_GT(weight, 0);
      EXPECT_NEAR(objective / weight, want.step.objective.item(), 1e-6) << ranks << " ranks, step " << k;
      const double scale = largest(want.gradient);
      EXPECT_GT(scale, 0);
      for (size_t i = 0; i < gradient.size(); ++i) {
        ASSERT_NEAR(gradient[i] / weight, want.gradient[i], 1e-6 * scale) << ranks << " ranks, step " << k;
      }
    }
  }
}

TEST_P(Shares, BeginWithTheSameModel) {
  const auto all = all_ranks(3);
  for (const auto& rank : all) {
    const Tensors own = rank->module().parameters(), first = all[0]->module().parameters();
    for (size_t i = 0; i < own.size(); ++i) {
      EXPECT_TRUE(std::ranges::equal(own[i].values<double>(), first[i].values<double>()));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Shares, ::testing::ValuesIn(cases()), name_of_tiny);

TEST(FewShares, AreRefusedWhereAProcessWouldHaveNone) {
  const Scratch scratch;
  for (const TinyTask& tiny : tiny_tasks()) {
    if (tiny.task != "lm" && tiny.task != "forecast") continue;
    const auto task = make_tiny(tiny);
    const TrainingData data{.files = {tiny_data(tiny, scratch)}};
    EXPECT_ERROR(task->train(data, {.shard = {.rank = 0, .ranks = 5}}), "for 5 processes");
    EXPECT_NO_THROW(task->train(data, {.shard = {.rank = 3, .ranks = 4}}));
  }
}

}  // namespace
}  // namespace recur
