#include "recur/tasks/lm/lm_training.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/throws.h"
#include "tests/tasks/lm/fixed_lm.h"
#include "tests/tasks/lm/lm_text.h"

namespace recur {
namespace {

using namespace testing;

class LmTrainingTest : public ::testing::Test {
 protected:
  LmCorpora corpora(const std::string& text, TrainingData data = {}) const {
    data.files = {scratch_.put("text.txt", text)};
    return open_corpora(data, {});
  }
  // B streams of T steps over a text of characters.
  LmTraining training(const std::string& text, int64_t batch, int64_t steps) const {
    LmOptions options;
    options.data.batch = batch;
    options.data.bptt = steps;
    options.model = drawn_lm_options();
    return LmTraining(corpora(text), options, {});
  }
  static const LmModel& model_of(const LmTraining& training) {
    return dynamic_cast<const LmTrained&>(training.trained()).network();
  }
  StateReader saved(const LmTraining& training) const {
    StateWriter state;
    training.save_state(state);
    state.save(scratch_ / "state.ckpt");
    return StateReader::open(scratch_ / "state.ckpt");
  }

  Scratch scratch_;
};

TEST_F(LmTrainingTest, TheVocabularyIsThatOfTheTrainingPartAlone) {
  const LmCorpora held_out = corpora("aaaabbbbcz", {.held_out = 0.2});
  EXPECT_EQ(held_out.train.size(), 8);
  ASSERT_TRUE(held_out.valid);
  EXPECT_EQ(held_out.valid->size(), 2);
  EXPECT_EQ(held_out.train.tokenizer().size(), 3);
  const LmCorpora apart = corpora("abab", {.valid = {scratch_.put("valid.txt", "bz")}});
  std::vector<int32_t> ids(2);
  apart.valid->read(0, ids);
  EXPECT_THAT(ids, ::testing::ElementsAre(2, 0));
  EXPECT_EQ(apart.valid->shared_tokenizer(), apart.train.shared_tokenizer());
  EXPECT_FALSE(corpora("abab").valid);
}

TEST_F(LmTrainingTest, RefusesTextsOfOneSymbolAndFilesThatAreNotThere) {
  EXPECT_ERROR(corpora("aaaa"), "expected at least two different symbols");
  EXPECT_ERROR(corpora("aaab", {.held_out = 0.25}), "expected at least two different symbols");
  EXPECT_ERROR(corpora("abab", {.valid = {scratch_ / "absent.txt"}}), "absent.txt");
  EXPECT_THROW(corpora("abab", {.held_out = 1.5}), UsageError);
}

TEST_F(LmTrainingTest, TheLossIsTheMeanOverTheWindowOfEveryStream) {
  // Two streams, "abca" and "bcab", of which the last symbols are targets alone.
  const std::string text = "abcabcab";
  LmTraining two = training(text, 2, 3);
  const TrainingStep step = two.step(false);
  double sum = 0;
  for (const char* stream : {"abca", "bcab"}) {
    const std::vector<double> each = surprises(model_of(two), two.text().tokenizer().encode(stream));
    sum = std::accumulate(each.begin(), each.end(), sum);
  }
  EXPECT_EQ(step.examples, 6);
  EXPECT_TRUE(step.ends_epoch);
  EXPECT_NEAR(step.loss, sum / 6, 1e-5);
  EXPECT_NEAR(step.objective.item(), step.loss, 1e-6);
}

TEST_F(LmTrainingTest, TheStateIsCarriedOverWindowsAndForgottenWithEachPass) {
  const std::string text = "abcabbcaa";
  LmTraining one = training(text, 1, 3);
  const std::vector<double> all = surprises(model_of(one), one.text().tokenizer().encode(text));
  for (int pass = 0; pass < 2; ++pass) {
    for (const size_t begin : {0, 3, 6}) {
      EXPECT_NEAR(one.epoch(), pass + static_cast<double>(begin) / 8, 1e-12);
      const TrainingStep step = one.step(false);
      const size_t end = std::min<size_t>(begin + 3, 8);
      EXPECT_NEAR(step.loss, std::accumulate(all.begin() + begin, all.begin() + end, 0.0) / (end - begin), 1e-5);
      EXPECT_EQ(step.ends_epoch, begin == 6);
    }
  }
}

TEST_F(LmTrainingTest, GradientsGoBackNoFurtherThanTheWindow) {
  LmTraining one = training("abcabbcaa", 1, 3);
  one.step(false);
  const TrainingStep second = one.step(true);
  second.objective.backward();
  ASSERT_FALSE(one.gradient_trace().empty());
  for (const auto& layer : one.gradient_trace()) EXPECT_EQ(layer.size(), 3u);
}

TEST_F(LmTrainingTest, GoesOnToTheSameBitsFromWhatItSaved) {
  const std::string text = small_text(20);
  LmOptions options = tiny_lm();
  options.data.random_bptt = true;
  options.model.dropout = 0.3f;
  LmTraining first(corpora(text), options, {.seed = 7}), second(corpora(text), options, {.seed = 8});
  second.module().load_state(first.module().state());
  for (int i = 0; i < 3; ++i) first.step(false);
  second.load_state(saved(first));
  EXPECT_EQ(second.epoch(), first.epoch());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(second.step(false).loss, first.step(false).loss) << i;
}

TEST_F(LmTrainingTest, ATrainingThatHasNotBegunIsSavedToo) {
  LmTraining fresh = training("abcabbcaa", 1, 3), other = training("abcabbcaa", 1, 3);
  other.step(false);
  other.load_state(saved(fresh));
  EXPECT_EQ(other.epoch(), 0);
  EXPECT_EQ(other.step(false).loss, fresh.step(false).loss);
}

TEST_F(LmTrainingTest, RefusesTheStateOfAnotherText) {
  LmTraining one = training("abcabbcaa", 1, 3), longer = training("abcabbcaab", 1, 3);
  EXPECT_ERROR(longer.load_state(saved(one)),
               "the training text has changed since the run began: it had 9 symbols and now has 10");
  StateWriter nothing;
  nothing.save(scratch_ / "nothing.ckpt");
  EXPECT_ERROR(one.load_state(StateReader::open(scratch_ / "nothing.ckpt")), "task.symbols");
}

TEST_F(LmTrainingTest, DrawsFollowFromTheSeed) {
  LmOptions options = tiny_lm();
  options.data.random_bptt = true;
  const std::string text = small_text(20);
  const auto steps = [&](uint64_t seed) {
    LmTraining of_seed(corpora(text), options, {.seed = seed});
    std::vector<int64_t> out;
    for (int i = 0; i < 6; ++i) out.push_back(of_seed.step(false).examples);
    return out;
  };
  EXPECT_EQ(steps(1), steps(1));
  EXPECT_NE(steps(1), steps(2));
}

}  // namespace
}  // namespace recur
