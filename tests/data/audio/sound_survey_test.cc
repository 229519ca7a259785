#include "recur/data/audio/sound_survey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "recur/base/threads.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/scratch.h"

namespace recur {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SurveyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    scratch_.put("a.wav", wave_bytes(sine(500, 8000, 8000), {.rate = 8000}));
    // Half a second of nothing before half a second of a tone.
    std::vector<float> late(4000);
    const auto tone = sine(500, 8000, 4000);
    late.insert(late.end(), tone.begin(), tone.end());
    scratch_.put("late.wav", wave_bytes(late, {.rate = 8000}));
    scratch_.put("nothing.wav", wave_bytes(std::vector<float>(32000), {.rate = 16000, .channels = 2}));
    scratch_.put("loud.wav", wave_bytes(std::vector<float>(8000, 1), {.rate = 8000, .bits = 8}));
    scratch_.put("noise.wav", "this is no sound");
    list_ = scratch_.put("list.tsv",
                         "path\ttext\tspeaker\na.wav\tab c\tx\nlate.wav\tb\ty\nnothing.wav\t\ty\nloud.wav\tb\tx\n"
                         "noise.wav\tb\tx\na.wav\tab c\tx\ngone.wav\tb\tx\n");
  }

  SoundSurvey survey() const {
    return survey_sounds(read_transcripts(std::vector<DataFile>{list_}, {.keep_textless = true}));
  }

  Scratch scratch_;
  std::filesystem::path list_;
};

TEST_F(SurveyTest, CountsWhatThereIs) {
  const SoundSurvey found = survey();
  EXPECT_EQ(found.sounds, 5);
  EXPECT_THAT(found.rates, ElementsAre(std::pair(8000, 4), std::pair(16000, 1)));
  EXPECT_THAT(found.channels, ElementsAre(std::pair(1, 4), std::pair(2, 1)));
  EXPECT_THAT(found.bits, ElementsAre(std::pair(8, 1), std::pair(16, 4)));
  EXPECT_NEAR(found.seconds, 5, 1e-9);
  EXPECT_NEAR(found.lengths.front(), 1, 1e-9);
  EXPECT_NEAR(found.silent_seconds, 1.5, 0.05);
  EXPECT_NEAR(found.silent_ends, 1.5, 0.05);
  EXPECT_THAT(found.silent, ElementsAre("nothing.wav"));
  EXPECT_THAT(found.clipped, ElementsAre());
  ASSERT_EQ(found.faults.size(), 1u);
  EXPECT_THAT(found.faults[0], HasSubstr("noise.wav: expected a sound"));
  EXPECT_EQ(found.texts, 4);
  EXPECT_EQ(found.words, 6);
  EXPECT_EQ(found.characters, 4 + 1 + 1 + 4);
  EXPECT_EQ(found.speakers, 2);
  EXPECT_THAT(found.letters, ElementsAre(std::pair(" ", 2), std::pair("a", 2), std::pair("b", 4), std::pair("c", 2)));
  EXPECT_EQ(found.twice.size(), 1u);
}

TEST_F(SurveyTest, AnyNumberOfThreadsFindsTheSame) {
  const SoundSurvey one = survey();
  set_threads(3);
  const SoundSurvey three = survey();
  set_threads(1);
  EXPECT_EQ(one.lengths, three.lengths);
  EXPECT_EQ(one.silent_seconds, three.silent_seconds);
  EXPECT_EQ(one.faults, three.faults);
}

TEST_F(SurveyTest, WhatIsMissingIsSaid) {
  const Transcripts list = read_transcripts(std::vector<DataFile>{list_}, {.keep_textless = true});
  EXPECT_EQ(list.items.size(), 6u);
  ASSERT_EQ(list.warnings.size(), 2u);
  EXPECT_THAT(list.warnings[0], HasSubstr("1 file of the list is missing and is left out: gone.wav"));
  EXPECT_THAT(list.warnings[1], HasSubstr("1 sound has no text: nothing.wav"));
  const Transcripts alone =
      read_transcripts(std::vector<DataFile>{scratch_.put("alone.txt", "a.wav\n")}, {.keep_textless = true});
  EXPECT_EQ(alone.items.size(), 1u);
}

TEST_F(SurveyTest, ClippedSoundsAreNamed) {
  scratch_.put("full.wav", wave_bytes(std::vector<float>(8000, 1), {.rate = 8000}));
  const Transcripts list = read_transcripts(std::vector<DataFile>{scratch_ / "full.wav"}, {.keep_textless = true});
  EXPECT_THAT(survey_sounds(list).clipped, ElementsAre(HasSubstr("full.wav")));
}

TEST_F(SurveyTest, KnowsSoundsByTheirNames) {
  EXPECT_TRUE(looks_like_sounds(list_));
  EXPECT_TRUE(looks_like_sounds(scratch_.folder()));
  EXPECT_TRUE(looks_like_sounds(scratch_ / "a.wav"));
  EXPECT_TRUE(looks_like_sounds(scratch_.put("list.jsonl", "{\"audio\": \"x/a.wav\", \"text\": \"b\"}\n")));
  EXPECT_FALSE(looks_like_sounds(scratch_.put("text.txt", "he said a.wav is a sound\n")));
  EXPECT_FALSE(looks_like_sounds(scratch_.put("table.csv", "a,b\n1,2\n")));
}

}  // namespace
}  // namespace recur
