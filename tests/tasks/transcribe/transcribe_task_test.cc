#include "recur/tasks/transcribe/transcribe_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <mutex>

#include "recur/base/json.h"
#include "recur/base/threads.h"
#include "recur/tasks/transcribe/transcribe_training.h"
#include "tests/data/images/png_bytes.h"
#include "tests/support/logged.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"
#include "tests/tasks/transcribe/tones.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::HasSubstr;

class TranscribeTaskTest : public ::testing::Test {
 protected:
  static std::unique_ptr<TranscribeTask> make(const std::vector<std::string>& overrides = {}) {
    auto task = std::make_unique<TranscribeTask>();
    Config config;
    task->declare(config);
    for (const char* each : {"hidden=24", "layers=1", "cell=gru", "conv_widths=16", "conv_kernels=5", "dropout=0",
                             "bands=20", "feature_masks=0", "time_masks=0", "speeds=100"}) {
      config.apply_override(each);
    }
    for (const std::string& each : overrides) config.apply_override(each);
    return task;
  }
  DataFile list(const std::string& name, int count, uint64_t seed) const {
    return scratch_.put(name + ".tsv", tone_list(scratch_, name, count, seed));
  }

  Scratch scratch_;
};

TEST_F(TranscribeTaskTest, LearnsTones) {
  const auto taught = teach(make(), {.files = {list("a", 150, 1)}}, 150);
  const Evaluation result = taught.trained().evaluate({list("b", 40, 2)});
  EXPECT_EQ(result.examples, 40);
  EXPECT_LT(result.at("cer"), 0.1);
  EXPECT_LT(result.at("wer"), 0.25);
  EXPECT_GT(result.at("exact_match"), 0.7);
  EXPECT_LT(result.at("loss"), 0.5);
}

TEST_F(TranscribeTaskTest, LearnsWithEverythingThatIsDrawn) {
  const auto taught = teach(make({"speeds=90,100,110", "feature_masks=1", "time_masks=1", "dropout=0.1",
                                  "normalise=speaker", "features=mfcc", "subsample=1"}),
                            {.files = {list("a", 150, 1)}}, 260);
  EXPECT_LT(taught.trained().evaluate({list("b", 40, 2)}).at("cer"), 0.25);
}

TEST_F(TranscribeTaskTest, StretchesFrequenciesInTrainingAlone) {
  const DataFile train = list("a", 30, 1), test = list("b", 10, 2);
  const auto plain = teach(make(), {.files = {train}}, 3);
  const auto warped = teach(make({"frequency_warp=0.2"}), {.files = {train}}, 3);
  EXPECT_NE(plain.trained().evaluate({test}).at("loss"), warped.trained().evaluate({test}).at("loss"));
  EXPECT_EQ(warped.trained().evaluate({test}).at("loss"), warped.trained().evaluate({test}).at("loss"));
  for (const char* kind : {"mfcc", "pixels"}) {
    EXPECT_THROW(make({"frequency_warp=0.2", std::string("features=") + kind})->train({.files = {train}}, {}),
                 UsageError);
  }
}

// Lines in which a letter is a stroke at a height of its own.
std::string picture_list(const Scratch& scratch, const std::string& name, int count, uint64_t seed) {
  Random random(seed);
  std::string list;
  for (int i = 0; i < count; ++i) {
    std::string text;
    for (size_t n = 1 + random.below(6); n > 0; --n) text += static_cast<char>('a' + random.below(4));
    GreyImage image{.width = 4 + 9 * std::ssize(text), .height = 24, .values = {}};
    image.values.assign(static_cast<size_t>(image.width * image.height), 1);
    for (int64_t k = 0; k < std::ssize(text); ++k) {
      for (int64_t y = 0; y < 5; ++y) {
        for (int64_t x = 0; x < 5; ++x) {
          image.values[(2 + 5 * (text[static_cast<size_t>(k)] - 'a') + y) * image.width + 4 + 9 * k + x] = 0.1f;
        }
      }
    }
    const std::string path = name + "/" + std::to_string(i) + ".png";
    scratch.put(path, png_bytes(image));
    list += path + "\t" + text + "\n";
  }
  return list;
}

TEST_F(TranscribeTaskTest, LearnsToReadPicturesOfLines) {
  const auto pictures = [&](const std::string& name, int count, uint64_t seed) {
    return DataFile(scratch_.put(name + ".tsv", picture_list(scratch_, name, count, seed)));
  };
  const auto taught = teach(make({"bands=12", "speeds=90,110"}), {.files = {pictures("a", 120, 1)}}, 150);
  EXPECT_EQ(taught.options().features.kind, "pixels");
  EXPECT_EQ(taught.options().features.normalise, "none");
  EXPECT_LT(taught.trained().evaluate({pictures("b", 40, 2)}).at("cer"), 0.1);
  taught.trained().save(scratch_ / "m.recur");
  Kept before, after;
  taught.trained().predict({scratch_ / "b/0.png"}, before);
  load_trained(scratch_ / "m.recur")->predict({scratch_ / "b/0.png"}, after);
  EXPECT_EQ(before.rows(), after.rows());
  EXPECT_EQ(before.rows().size(), 1u);
}

TEST_F(TranscribeTaskTest, ABatchIsAsEachAloneAndThreadsChangeNothing) {
  const auto taught = teach(make({"subsample=4", "conv_widths=8,8,8"}), {.files = {list("a", 40, 1)}}, 20);
  Kept together, alone, threaded;
  const DataFile test = list("b", 9, 2);
  taught.trained().predict({test}, together);
  with_use(taught.trained(), {"eval_batch=1"})->predict({test}, alone);
  set_threads(2);
  taught.trained().predict({test}, threaded);
  set_threads(1);
  ASSERT_EQ(together.rows().size(), 9u);
  EXPECT_EQ(together.rows(), threaded.rows());
  for (size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(together.rows()[i][1], alone.rows()[i][1]);
    EXPECT_NEAR(together.numbers("score")[i], alone.numbers("score")[i], 1e-3);
  }
}

TEST_F(TranscribeTaskTest, WordsHaveTimesAndConfidence) {
  const auto taught = teach(make(), {.files = {list("a", 150, 1)}}, 150);
  Random random(5);
  scratch_.put("one.wav", wave_bytes(tones("ab ce", random), {.rate = 8000}));
  Kept kept;
  with_use(taught.trained(), {"word_times=true"})->predict({DataFile(scratch_ / "one.wav")}, kept);
  ASSERT_EQ(kept.rows().size(), 1u);
  EXPECT_EQ(std::get<std::string>(kept.rows()[0][1]), "ab ce");
  EXPECT_GT(kept.numbers("confidence")[0], 0.5);
  const auto words = parse_json(std::get<std::string>(kept.rows()[0].back()), 4);
  ASSERT_TRUE(words);
  ASSERT_EQ(words->size(), 2u);
  EXPECT_EQ(words->at(0).at("word").get<std::string>(), "ab");
  EXPECT_EQ(words->at(1).at("word").get<std::string>(), "ce");
  // The first tone begins at 0.03 s, "c" after two letters and a space of 0.08 to 0.11 s each.
  EXPECT_NEAR(words->at(0).at("begin").get<double>(), 0.05, 0.05);
  EXPECT_GT(words->at(1).at("begin").get<double>(), 0.24);
  EXPECT_LT(words->at(1).at("begin").get<double>(), 0.45);
  EXPECT_LT(words->at(0).at("end").get<double>(), words->at(1).at("begin").get<double>());
  EXPECT_GT(words->at(0).at("confidence").get<double>(), 0.3);
}

TEST_F(TranscribeTaskTest, AnEmptyTextIsNotSure) {
  // After three steps nothing is heard, and a wrong text is about as probable.
  const auto taught = teach(make(), {.files = {list("a", 30, 1)}}, 3);
  Kept kept;
  taught.trained().predict({list("b", 3, 2)}, kept);
  int empty = 0;
  for (size_t i = 0; i < kept.rows().size(); ++i) {
    if (!std::get<std::string>(kept.rows()[i][1]).empty()) continue;
    ++empty;
    EXPECT_NEAR(kept.numbers("confidence")[i], std::exp(kept.numbers("score")[i]), 1e-6);
  }
  EXPECT_GT(empty, 0);
}

TEST_F(TranscribeTaskTest, ALanguageModelOfOtherLettersIsRefused) {
  const auto taught = teach(make(), {.files = {list("a", 20, 1)}}, 1);
  const DataFile sounds = list("b", 2, 2);
  Kept kept;
  scratch_.put("other.txt", "xyz zzz\nzzz\n");
  scratch_.put("some.txt", "abc zzz\n");
  const auto with = [&](const std::string& file) {
    return with_use(taught.trained(), {"beam=2", "lm=" + (scratch_ / file).string()});
  };
  EXPECT_ERROR(with("other.txt")->predict({sounds}, kept), "the model has not all symbols of any of its words");
  const Logged log;
  with("some.txt")->predict({sounds}, kept);
  ASSERT_FALSE(log.notes.empty());
  EXPECT_TRUE(log.notes[0].find("lm: 1 of 2 words have symbols that the model has not") != std::string::npos);
}

TEST_F(TranscribeTaskTest, ABeamGivesSeveralTexts) {
  const auto taught = teach(make(), {.files = {list("a", 60, 1)}}, 40);
  Kept kept;
  const DataFile test = list("b", 5, 2);
  with_use(taught.trained(), {"beam=8", "n_best=3"})->predict({test}, kept);
  ASSERT_EQ(kept.rows().size(), 15u);
  for (size_t i = 0; i + 1 < 15; ++i) {
    if (i % 3 != 2) {
      EXPECT_GE(kept.numbers("score")[i], kept.numbers("score")[i + 1]);
      EXPECT_NE(kept.rows()[i][2], kept.rows()[i + 1][2]);
    }
  }
  EXPECT_THROW(with_use(taught.trained(), {"n_best=3"})->predict({test}, kept), UsageError);
}

TEST_F(TranscribeTaskTest, SavedAndLoadedItHearsTheSame) {
  const auto taught = teach(make(), {.files = {list("a", 40, 1)}}, 10);
  taught.trained().save(scratch_ / "m.recur");
  const auto loaded = load_trained(scratch_ / "m.recur");
  Kept before, after;
  const DataFile test = list("b", 6, 2);
  taught.trained().predict({test}, before);
  loaded->predict({test}, after);
  EXPECT_EQ(before.rows(), after.rows());
}

TEST_F(TranscribeTaskTest, WhatDoesNotFitIntoMemoryIsReadAgainToTheSameBits) {
  const DataFile data = list("a", 30, 1);
  const auto losses = [&] {
    auto training = make({"speeds=90,110", "time_masks=2"})->train({.files = {data}}, {.seed = 4});
    std::vector<double> out;
    for (int i = 0; i < 4; ++i) out.push_back(training->step().loss);
    return out;
  };
  const auto in_memory = losses();
  ::setenv("RECUR_DATA_MEMORY", "1000", 1);
  const auto on_disk = losses();
  ::unsetenv("RECUR_DATA_MEMORY");
  EXPECT_EQ(in_memory, on_disk);
}

TEST_F(TranscribeTaskTest, SpeakersAreHeldOutWhole) {
  const Logged logged;
  auto training = make()->train({.files = {list("a", 40, 1)}, .held_out = 0.25}, {.seed = 1});
  EXPECT_TRUE(training->has_validation());
  EXPECT_EQ(training->validate().examples, 10);
  EXPECT_THAT(logged.lines, Contains(HasSubstr("1 of 4 speakers are held out whole")));
  EXPECT_EQ(training->criterion().metric, "wer");
  EXPECT_FALSE(training->criterion().higher_is_better);
  EXPECT_THAT(training->taken(), HasSubstr("40 sounds; 30 sounds of 0.2 minutes to learn from"));
}

TEST_F(TranscribeTaskTest, WhatCannotBeUsedIsCountedAndNamed) {
  const std::string good = tone_list(scratch_, "a", 20, 1);
  Random random(1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  scratch_.put("nan.wav", wave_bytes(std::vector<float>(4000, nan), {.rate = 8000, .floats = true}));
  scratch_.put("noise.wav", "this is no sound");
  scratch_.put("short.wav", wave_bytes(std::vector<float>(10), {.rate = 8000}));
  scratch_.put("tight.wav", wave_bytes(tones("a", random), {.rate = 8000}));
  scratch_.put("stereo.wav", wave_bytes(tones("ab", random), {.rate = 8000, .channels = 2}));
  scratch_.put("fast.wav", wave_bytes(tones("ab", random, 96000), {.rate = 96000}));
  const std::string bad =
      "nan.wav\ta\ts\nnoise.wav\ta\ts\nshort.wav\ta\ts\ngone.wav\ta\ts\ntight.wav\taaaaaaaaaaaaaaaaaaaaaaaa\ts\n"
      "stereo.wav\tab\ts\nfast.wav\tab\ts\n";
  const DataFile file = scratch_.put("bad.tsv", good + bad);
  const Logged logged;
  const auto taught = teach(make(), {.files = {file}}, 2);
  for (const char* each :
       {"1 file of the list is missing and is left out: gone.wav", "3 of 26 sounds cannot be used and are left out",
        "nan.wav: sample 1 is not a finite number", "short.wav: 0.001 s are shorter than a window",
        "1 sound has several channels, which are averaged: stereo.wav",
        "1 sound with 96000 samples per second is resampled to 8000",
        "1 of 23 sounds have fewer steps than their texts need and are left out", "tight.wav"}) {
    EXPECT_THAT(logged.lines, Contains(HasSubstr(each))) << each;
  }
  // In an evaluation it has no loss, and its errors count.
  const Evaluation result = taught.trained().evaluate({file});
  EXPECT_EQ(result.examples, 23);
  EXPECT_TRUE(std::isfinite(result.at("loss")));
  EXPECT_THAT(logged.lines, Contains(HasSubstr("1 of 23 texts need more steps than their sounds have")));
  EXPECT_ERROR(teach(make(), {.files = {scratch_.put("c.tsv", "noise.wav\ta\n")}}), "noise.wav: expected a sound");
}

TEST_F(TranscribeTaskTest, OptionsThatDoNotFitAreRefused) {
  const DataFile data = list("a", 5, 1);
  EXPECT_THROW(make({"subsample=3"})->train({.files = {data}}, {}), UsageError);
  EXPECT_THROW(make({"subsample=4"})->train({.files = {data}}, {}), UsageError);
  EXPECT_THROW(make({"bands=500"})->train({.files = {data}}, {}), UsageError);
  EXPECT_ERROR(make({"most_seconds=0.01"})->train({.files = {data}}, {}), "no sound is left to learn from");
}

}  // namespace
}  // namespace recur
