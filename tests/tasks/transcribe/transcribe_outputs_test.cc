// What writes the text: CTC, a transducer, a decoder with attention, alone or with CTC.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "recur/autograd/grad.h"
#include "recur/ops/slice.h"
#include "recur/ops/sum.h"
#include "recur/tasks/transcribe/attention_head.h"
#include "recur/tasks/transcribe/transcribe_task.h"
#include "recur/tasks/transcribe/transducer_head.h"
#include "tests/support/op_case.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"
#include "tests/tasks/transcribe/tones.h"

namespace recur {
namespace {

using namespace testing;

std::unique_ptr<TranscribeTask> transcriber(const std::vector<std::string>& overrides) {
  auto task = std::make_unique<TranscribeTask>();
  Config config;
  task->declare(config);
  for (const char* each : {"hidden=24", "layers=1", "cell=gru", "conv_widths=16", "conv_kernels=5", "dropout=0",
                           "bands=20", "feature_masks=0", "time_masks=0", "speeds=100", "embedding=8"}) {
    config.apply_override(each);
  }
  for (const std::string& each : overrides) config.apply_override(each);
  return task;
}

struct Output {
  std::string name;
  std::vector<std::string> options;
  int steps;
};

class TranscribeOutputs : public ::testing::TestWithParam<Output> {
 protected:
  DataFile list(const std::string& name, int count, uint64_t seed) const {
    return scratch_.put(name + ".tsv", tone_list(scratch_, name, count, seed));
  }
  Taught<TranscribeTask> taught(int count, int steps) const {
    return teach(transcriber(GetParam().options), {.files = {list("a", count, 1)}}, steps);
  }

  Scratch scratch_;
};

TEST_P(TranscribeOutputs, LearnsTones) {
  // One sound that will be listened to closely is learnt from, so that rounding does not decide what is heard in it.
  Random random(5);
  scratch_.put("one.wav", wave_bytes(tones("ab ce", random), {.rate = 8000}));
  const auto data = scratch_.put("a.tsv", tone_list(scratch_, "a", 150, 1) + "one.wav\tab ce\ts0\n");
  const auto taught = teach(transcriber(GetParam().options), {.files = {data}}, GetParam().steps);
  const Evaluation result = taught.trained().evaluate({list("b", 40, 2)});
  EXPECT_LT(result.at("cer"), 0.15);
  EXPECT_GT(result.at("exact_match"), 0.6);
  EXPECT_LT(result.at("loss"), 0.6);
  // Words have times, within the sound and in order.
  Kept kept;
  with_use(taught.trained(), {"word_times=true", "beam=4", "n_best=2"})
      ->predict({DataFile(scratch_ / "one.wav")}, kept);
  ASSERT_EQ(kept.rows().size(), 2u);
  EXPECT_EQ(std::get<std::string>(kept.rows()[0][2]), "ab ce");
  EXPECT_GE(kept.numbers("score")[0], kept.numbers("score")[1]);
  EXPECT_GT(kept.numbers("confidence")[0], 0.3);
  EXPECT_THAT(std::get<std::string>(kept.rows()[0].back()), ::testing::HasSubstr("\"word\":\"ce\",\"begin\":0."));
  // Of a list of words only these are written, and those that are said where they are in it.
  const auto with_list = [&](const std::string& words) {
    Kept written;
    with_use(taught.trained(), {"lexicon=" + scratch_.put("words.txt", words).string(), "beam=8"})
        ->predict({DataFile(scratch_ / "one.wav")}, written);
    return std::get<std::string>(written.rows().at(0).at(1));
  };
  EXPECT_EQ(with_list("ce\nab\n"), "ab ce");
  std::istringstream other(with_list("ab\ncd\n"));
  int count = 0;
  for (std::string word; other >> word; ++count) EXPECT_TRUE(word == "ab" || word == "cd") << word;
  EXPECT_GT(count, 0);
}

TEST_P(TranscribeOutputs, ABatchIsAsEachAlone) {
  const auto taught = this->taught(30, 5);
  const DataFile test = list("b", 7, 2);
  const Evaluation together = taught.trained().evaluate({test});
  const Evaluation alone = with_use(taught.trained(), {"eval_batch=1"})->evaluate({test});
  EXPECT_NEAR(together.at("loss"), alone.at("loss"), 1e-4);
  EXPECT_EQ(together.at("cer"), alone.at("cer"));
}

TEST_P(TranscribeOutputs, SavedAndLoadedItHearsTheSame) {
  const auto taught = this->taught(20, 5);
  taught.trained().save(scratch_ / "m.recur");
  Kept before, after;
  const DataFile test = list("b", 5, 2);
  taught.trained().predict({test}, before);
  load_trained(scratch_ / "m.recur")->predict({test}, after);
  EXPECT_EQ(before.rows(), after.rows());
}

INSTANTIATE_TEST_SUITE_P(
    All, TranscribeOutputs,
    ::testing::Values(Output{"ctc_forwards", {"bidirectional=false"}, 200},
                      Output{"transducer", {"output=transducer", "decoder_hidden=12"}, 750},
                      Output{"transducer_forwards", {"output=transducer", "bidirectional=false"}, 600},
                      Output{"attention", {"output=attention", "smoothing=0"}, 450},
                      Output{"ctc_attention", {"output=ctc_attention", "smoothing=0"}, 450}),
    [](const auto& info) { return info.param.name; });

// Losses and gradients do not depend on how many sounds are joined at a time.
TEST(TransducerHead, SoundsThatAreJoinedInGroupsGiveTheSame) {
  Random random(4);
  TranscribeModelOptions options;
  options.output = "transducer";
  options.rnn.hidden = 5;
  options.joint = 2048;  // wide: few sounds fit together
  options.embedding = 3;
  options.dropout = 0;
  const TransducerHead head(options, {.features = 4, .symbols = 6}, random);
  const int64_t steps = 250;
  const Tensor y = normal({steps, 3, 4}, 5, DType::kF32);
  std::vector<TextSymbols> texts{TextSymbols(40, 1), {2, 3, 2}, TextSymbols(30, 4)};
  const std::vector<int64_t> lengths{steps, 200, 240};
  ASSERT_GT((steps * 41 + 240 * 31) * options.joint, TransducerHead::kMostNumbers);
  std::vector<const TextSymbols*> all;
  for (const TextSymbols& each : texts) all.push_back(&each);
  const Tensor x = y.clone().set_requires_grad();
  const Tensor together = head.losses({.y = x, .lengths = lengths}, all, Mode::evaluation());
  const Tensor slope = grad(sum(together), x);
  for (size_t b = 0; b < 3; ++b) {
    const Tensor own = slice(y, {1, static_cast<int64_t>(b)}, 1).clone().set_requires_grad();
    const Tensor loss =
        head.losses({.y = own, .lengths = {lengths[b]}}, std::span(all).subspan(b, 1), Mode::evaluation());
    EXPECT_NEAR(loss.item(), together.values<float>()[b], 1e-4 * std::abs(loss.item()));
    EXPECT_LT(relative_error(slice(slope, {1, static_cast<int64_t>(b)}, 1), grad(sum(loss), own)), 1e-4);
  }
}

TEST(TransducerHead, WhatIsFarTooMuchIsRefused) {
  Random random(4);
  TranscribeModelOptions options;
  options.rnn.hidden = 4;
  options.joint = 4;
  options.embedding = 3;
  const TransducerHead head(options, {.features = 2, .symbols = 200000}, random);
  const TextSymbols text(30, 1);
  const std::vector<const TextSymbols*> all{&text};
  EXPECT_ERROR(head.losses({.y = Tensor::zeros({100, 1, 2}), .lengths = {100}}, all, Mode::evaluation()),
               "a sound of 100 steps with a text of 30 symbols makes 2.5 GB");
}

}  // namespace
}  // namespace recur
