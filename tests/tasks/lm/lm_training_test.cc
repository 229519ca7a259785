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
  LmCorpora corpora(const std::string& text, const std::string& valid = "") const {
    return open_corpora({.paths = {scratch_.put("text.txt", text)}, .valid = valid}, {});
  }
  // B streams of T steps over a text of characters.
  LmTraining training(const std::string& text, int64_t batch, int64_t steps, uint64_t seed = 1) const {
    LmOptions options;
    options.data.batch = batch;
    options.data.bptt = steps;
    return LmTraining(corpora(text), options, seed);
  }
  StateReader saved(const LmTraining& training) const {
    StateWriter state;
    training.save(state);
    state.save(scratch_ / "state.ckpt");
    return StateReader::open(scratch_ / "state.ckpt");
  }

  Scratch scratch_;
};

TEST_F(LmTrainingTest, TheVocabularyIsThatOfTheTrainingPartAlone) {
  const LmCorpora held_out = corpora("aaaabbbbcz", "0.2");
  EXPECT_EQ(held_out.train.size(), 8);
  ASSERT_TRUE(held_out.valid);
  EXPECT_EQ(held_out.valid->size(), 2);
  EXPECT_EQ(held_out.train.tokenizer().size(), 3);
  const LmCorpora apart = corpora("abab", scratch_.put("valid.txt", "bz").string());
  std::vector<int32_t> ids(2);
  apart.valid->read(0, ids);
  EXPECT_THAT(ids, ::testing::ElementsAre(2, 0));
  EXPECT_EQ(apart.valid->shared_tokenizer(), apart.train.shared_tokenizer());
  EXPECT_FALSE(corpora("abab").valid);
}

TEST_F(LmTrainingTest, RefusesTextsOfOneSymbolAndFilesThatAreNotThere) {
  EXPECT_ERROR(corpora("aaaa"), "expected at least two different symbols");
  EXPECT_ERROR(corpora("aaab", "0.25"), "expected at least two different symbols");
  EXPECT_ERROR(corpora("abab", (scratch_ / "absent.txt").string()), "absent.txt");
  EXPECT_THROW(corpora("abab", "1.5"), UsageError);
}

TEST_F(LmTrainingTest, TheLossIsTheMeanOverTheWindowOfEveryStream) {
  // Two streams, "abca" and "bcab", of which the last symbols are targets alone.
  const std::string text = "abcabcab";
  LmTraining two = training(text, 2, 3);
  const LmModel model = drawn_lm(two.text().tokenizer().size());
  const TrainingStep step = two.step(model, false);
  double sum = 0;
  for (const char* stream : {"abca", "bcab"}) {
    const std::vector<double> each = surprises(model, two.text().tokenizer().encode(stream));
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
  const LmModel model = drawn_lm(one.text().tokenizer().size());
  const std::vector<double> all = surprises(model, one.text().tokenizer().encode(text));
  for (int pass = 0; pass < 2; ++pass) {
    for (const size_t begin : {0, 3, 6}) {
      EXPECT_NEAR(one.epoch(), pass + static_cast<double>(begin) / 8, 1e-12);
      const TrainingStep step = one.step(model, false);
      const size_t end = std::min<size_t>(begin + 3, 8);
      EXPECT_NEAR(step.loss, std::accumulate(all.begin() + begin, all.begin() + end, 0.0) / (end - begin), 1e-5);
      EXPECT_EQ(step.ends_epoch, begin == 6);
    }
  }
}

TEST_F(LmTrainingTest, GradientsGoBackNoFurtherThanTheWindow) {
  LmTraining one = training("abcabbcaa", 1, 3);
  const LmModel model = drawn_lm(one.text().tokenizer().size());
  one.step(model, false);
  const TrainingStep second = one.step(model, true);
  second.objective.backward();
  ASSERT_FALSE(one.trace().norms.empty());
  for (const auto& layer : one.trace().norms) EXPECT_EQ(layer.size(), 3u);
}

TEST_F(LmTrainingTest, GoesOnToTheSameBitsFromWhatItSaved) {
  const std::string text = small_text(20);
  LmOptions options = tiny_lm();
  options.data.random_bptt = true;
  options.model.dropout = 0.3f;
  Random random(1);
  const LmCorpora data = corpora(text);
  LmModel model(options.model, data.train.tokenizer().size(), random);
  LmTraining first(corpora(text), options, 7), second(corpora(text), options, 8);
  for (int i = 0; i < 3; ++i) first.step(model, false);
  second.load(saved(first));
  EXPECT_EQ(second.epoch(), first.epoch());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(second.step(model, false).loss, first.step(model, false).loss) << i;
}

TEST_F(LmTrainingTest, ATrainingThatHasNotBegunIsSavedToo) {
  LmTraining fresh = training("abcabbcaa", 1, 3), other = training("abcabbcaa", 1, 3);
  const LmModel model = drawn_lm(4);
  other.step(model, false);
  other.load(saved(fresh));
  EXPECT_EQ(other.epoch(), 0);
  EXPECT_EQ(other.step(model, false).loss, fresh.step(model, false).loss);
}

TEST_F(LmTrainingTest, RefusesTheStateOfAnotherText) {
  LmTraining one = training("abcabbcaa", 1, 3), longer = training("abcabbcaab", 1, 3);
  EXPECT_ERROR(longer.load(saved(one)), "the training text has changed since the run began: 9 symbols then, 10 now");
  StateWriter nothing;
  nothing.save(scratch_ / "nothing.ckpt");
  EXPECT_ERROR(one.load(StateReader::open(scratch_ / "nothing.ckpt")), "task.symbols");
}

TEST_F(LmTrainingTest, DrawsFollowFromTheSeed) {
  LmOptions options = tiny_lm();
  options.data.random_bptt = true;
  const std::string text = small_text(20);
  const LmModel model = drawn_lm(corpora(text).train.tokenizer().size());
  const auto steps = [&](uint64_t seed) {
    LmTraining of_seed(corpora(text), options, seed);
    std::vector<int64_t> out;
    for (int i = 0; i < 6; ++i) out.push_back(of_seed.step(model, false).examples);
    return out;
  };
  EXPECT_EQ(steps(1), steps(1));
  EXPECT_NE(steps(1), steps(2));
}

}  // namespace
}  // namespace recur
