// Sounds that are transcribed as they arrive.
#include "recur/tasks/transcribe/transcribe_stream.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "recur/tasks/transcribe/transcribe_task.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"
#include "tests/tasks/transcribe/tones.h"

namespace recur {
namespace {

using namespace testing;

struct Kind {
  std::string name;
  std::vector<std::string> options;
};

class StreamedTones {
 protected:
  static std::unique_ptr<TranscribeTask> make(const std::vector<std::string>& overrides) {
    auto task = std::make_unique<TranscribeTask>();
    Config config;
    task->declare(config);
    for (const char* each :
         {"hidden=24", "layers=1", "cell=gru", "bidirectional=false", "conv_widths=16,8", "conv_kernels=5,4",
          "dropout=0", "bands=20", "feature_masks=0", "time_masks=0", "speeds=100", "embedding=8"}) {
      config.apply_override(each);
    }
    for (const std::string& each : overrides) config.apply_override(each);
    return task;
  }
  DataFile sounds(int count) const { return scratch_.put("a.tsv", tone_list(scratch_, "a", count, 1)); }
  static std::unique_ptr<Session> bytes_of(const Trained& trained) {
    auto session = trained.session();
    EXPECT_TRUE(session->takes_bytes());
    return session;
  }
  // The words of a session that is given the bytes in pieces, with a space between; and their times.
  static std::string heard(const Trained& trained, const std::string& bytes, size_t piece) {
    const auto session = bytes_of(trained);
    Kept kept;
    for (size_t at = 0; at < bytes.size(); at += piece) {
      session->take({std::string_view(bytes).substr(at, piece)}, kept);
    }
    session->finish(kept);
    std::string out;
    for (size_t i = 0; i < kept.rows().size(); ++i) {
      out += fmt::format("{} {:.3f} {:.3f} ", std::get<std::string>(kept.rows()[i][0]), kept.numbers("begin")[i],
                         kept.numbers("end")[i]);
    }
    return out;
  }

  Scratch scratch_;
};

class TranscribeStreams : public ::testing::TestWithParam<Kind>, protected StreamedTones {
 protected:
  Taught<TranscribeTask> taught(int steps) const {
    return teach(make(GetParam().options), {.files = {sounds(60)}}, steps);
  }
};

std::string words_alone(const std::string& heard) {
  std::string out;
  for (const char c : heard)
    out += (c >= 'a' && c <= 'e') || (c == ' ' && !out.empty() && out.back() != ' ') ? std::string(1, c) : "";
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

TEST_P(TranscribeStreams, WordsAreThoseOfTheWholeSoundHoweverItIsCut) {
  const auto taught = this->taught(60);
  Random random(7);
  for (const char* text : {"ab cd e", "a", "eeb dd ac bca"}) {
    const std::string bytes = wave_bytes(tones(text, random), {.rate = 8000});
    scratch_.put("one.wav", bytes);
    Kept whole;
    taught.trained().predict({DataFile(scratch_ / "one.wav")}, whole);
    const std::string want = std::get<std::string>(whole.rows()[0][1]);
    const std::string first = heard(taught.trained(), bytes, bytes.size());
    EXPECT_EQ(words_alone(first), want) << text;
    for (const size_t piece : {101, 400, 1234, 5000}) {
      EXPECT_EQ(heard(taught.trained(), bytes, piece), first) << text << " by " << piece;
    }
    const auto raw = with_use(taught.trained(), {"rate=8000"});
    EXPECT_EQ(heard(*raw, bytes.substr(44), 777), first);
  }
}

// A sound at another rate is resampled on the way, as a file is.
TEST_P(TranscribeStreams, OtherRatesAreResampled) {
  const auto taught = this->taught(60);
  Random random(8);
  const std::string bytes = wave_bytes(tones("ab cd", random, 16000), {.rate = 16000});
  scratch_.put("one.wav", bytes);
  Kept whole;
  taught.trained().predict({DataFile(scratch_ / "one.wav")}, whole);
  EXPECT_EQ(words_alone(heard(taught.trained(), bytes, 999)), std::get<std::string>(whole.rows()[0][1]));
}

INSTANTIATE_TEST_SUITE_P(All, TranscribeStreams,
                         ::testing::Values(Kind{"ctc", {}},
                                           Kind{"ctc_without_convolutions", {"conv_widths=0", "subsample=1"}},
                                           Kind{"ctc_fourfold", {"subsample=4", "cell=lstm", "normalise=none"}},
                                           Kind{"ctc_long_hops", {"hop_ms=12", "window_ms=8", "subsample=1"}},
                                           Kind{"transducer", {"output=transducer"}},
                                           Kind{"transducer_beam", {"output=transducer", "beam=4"}}),
                         [](const auto& info) { return info.param.name; });

class TranscribeSessionTest : public ::testing::Test, protected StreamedTones {};

TEST_F(TranscribeSessionTest, WordsComeWhileTheSoundDoes) {
  const auto taught = teach(make({}), {.files = {sounds(150)}}, 200);
  Random random(9);
  const std::string bytes = wave_bytes(tones("ab cd", random), {.rate = 8000});
  const auto session = bytes_of(taught.trained());
  Kept kept;
  // The first word has ended, and is there, long before the sound has.
  session->take({std::string_view(bytes).substr(0, bytes.size() * 3 / 4)}, kept);
  ASSERT_EQ(kept.rows().size(), 1u);
  EXPECT_EQ(std::get<std::string>(kept.rows()[0][0]), "ab");
  session->take({std::string_view(bytes).substr(bytes.size() * 3 / 4)}, kept);
  session->finish(kept);
  ASSERT_EQ(kept.rows().size(), 2u);
  EXPECT_EQ(std::get<std::string>(kept.rows()[1][0]), "cd");
  EXPECT_EQ(kept.names(), (std::vector<std::string>{"word", "begin", "end", "confidence"}));
}

TEST_F(TranscribeSessionTest, OtherDataAreReadWhole) {
  const auto taught = teach(make({}), {.files = {sounds(20)}}, 2);
  const auto session = bytes_of(taught.trained());
  Kept kept;
  const std::string list = (scratch_ / "a/0.wav").string() + "\n" + (scratch_ / "a/1.wav").string() + "\n";
  session->take({list}, kept);
  session->finish(kept);
  EXPECT_EQ(kept.rows().size(), 2u);
  EXPECT_EQ(kept.names()[0], "sound");
  const auto empty = bytes_of(taught.trained());
  EXPECT_ERROR(empty->finish(kept), "expected sound, got nothing");
}

// Latency: a window of 25 ms, 2 steps of 10 ms behind by the first convolution, 2 of 20 ms by the second.
TEST_F(TranscribeSessionTest, SaysHowFarItIsBehind) {
  const auto taught = teach(make({}), {.files = {sounds(20)}}, 0);
  const auto& trained = dynamic_cast<const TranscribeTrained&>(taught.trained());
  EXPECT_NEAR(latency_seconds(trained), 0.025 + 0.02 + 0.04, 1e-9);
  EXPECT_EQ(taught.options().features.normalise, "global");
}

TEST_F(TranscribeSessionTest, WhatNeedsAllOfASoundHasNone) {
  const DataFile data = sounds(20);
  for (const char* option : {"bidirectional=true", "normalise=utterance", "output=attention"}) {
    const auto taught = teach(make({option}), {.files = {data}}, 0);
    EXPECT_EQ(taught.trained().session(), nullptr) << option;
    EXPECT_THROW(with_use(taught.trained(), {"rate=8000"})->session(), UsageError) << option;
  }
  const auto taught = teach(make({}), {.files = {data}}, 0);
  EXPECT_EQ(with_use(taught.trained(), {"beam=4"})->session(), nullptr);
}

}  // namespace
}  // namespace recur
