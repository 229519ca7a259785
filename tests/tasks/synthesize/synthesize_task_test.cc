// From sounds to speech: small data that are learnt in a second.
#include "recur/tasks/synthesize/synthesize_task.h"

#include <gtest/gtest.h>

#include <cmath>

#include "recur/data/audio/sound_file.h"
#include "recur/tasks/synthesize/alignment.h"
#include "recur/tasks/synthesize/synthesize_score.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/synthesize/spelling.h"
#include "tests/tasks/train_by_hand.h"
#include "tests/tasks/transcribe/tones.h"

namespace recur {
namespace {

using namespace testing;

// A voice that whistles, and what it gave out.
struct Heard : Sink {
  void sound(const Sound& sound) override {
    rate = sound.rate;
    ++pieces;
    samples.insert(samples.end(), sound.samples.begin(), sound.samples.end());
  }
  void picture(const Picture& picture) override { drawn = picture.bytes; }

  double rate = 0;
  int pieces = 0;
  std::vector<float> samples;
  std::string drawn;
};

std::unique_ptr<SynthesizeTask> small_task(const std::vector<std::string>& more = {}) {
  auto task = std::make_unique<SynthesizeTask>();
  Config config;
  task->declare(config);
  for (const char* each :
       {"batch=8", "hidden=12", "embedding=12", "prenet=12", "prenet_dropout=0", "dropout=0", "decoder_hidden=24",
        "decoder_layers=1", "attention_units=12", "attention_location=5", "reduction=2", "bands=12", "postnet=0",
        "vocoder_hidden=6", "vocoder_features=3", "vocoder_levels=16", "vocoder_prediction=4", "vocoder_segment=1"}) {
    config.apply_override(each);
  }
  for (const std::string& each : more) config.apply_override(each);
  return task;
}

class Whistle : public ::testing::Test {
 protected:
  std::filesystem::path list(int count, uint64_t seed) const {
    const std::string name = std::to_string(seed);
    return scratch_.put(name + ".tsv", tone_list(scratch_, name, count, seed, 4, scratch_.folder().string() + "/"));
  }

  Scratch scratch_;
};

TEST_F(Whistle, IsLearntSpokenAndEnds) {
  const auto taught = teach(small_task({"vocoder=none"}), {.files = {DataFile(list(24, 1))}}, 150);
  const Trained& trained = taught.trained();
  const Evaluation result = trained.evaluate({DataFile(list(8, 2))});
  EXPECT_EQ(result.examples, 8);
  EXPECT_GE(result.at("diagonal"), 0.75);
  EXPECT_EQ(result.at("runs_on"), 0);
  EXPECT_EQ(result.verdict, "");  // nearer than the mean frame
  Heard said;
  trained.generate({.prompt = "abc. eda"}, said);
  EXPECT_EQ(said.rate, 8000);
  EXPECT_GT(said.pieces, 2);  // two sentences and a pause
  const double seconds = static_cast<double>(said.samples.size()) / said.rate;
  EXPECT_GT(seconds, 0.4);
  EXPECT_LT(seconds, 1.6);
}

TEST_F(Whistle, IsSpokenByItsOptions) {
  const auto taught = teach(small_task(), {.files = {DataFile(list(6, 3))}}, 2);
  const auto speak = [&](const std::vector<std::string>& use, GenerateOptions options = {.prompt = "abc"}) {
    Heard said;
    with_use(taught.trained(), use)->generate(options, said);
    return said;
  };
  const Heard said = speak({});
  EXPECT_FALSE(said.samples.empty());
  EXPECT_EQ(speak({}).samples, said.samples);
  EXPECT_NE(speak({}, {.prompt = "abc", .seed = 2}).samples, said.samples);
  EXPECT_NEAR(static_cast<double>(speak({"speed=0.5"}).samples.size()), 2.0 * static_cast<double>(said.samples.size()),
              300);
  EXPECT_NE(speak({"waveform=griffin_lim", "griffin_lim_steps=2"}).samples, said.samples);
  EXPECT_TRUE(speak({"chart=a.svg"}).drawn.starts_with("<svg"));
  EXPECT_TRUE(speak({"chart=A.SVG"}).drawn.starts_with("<svg"));
  EXPECT_ERROR(speak({"chart=a.png"}), "chart: writes SVG: expected a name that ends with .svg, got a.png");
  const DataFile text(scratch_.put("t.txt", "ab\n"));
  Heard row;
  EXPECT_ERROR(with_use(taught.trained(), {"vocoded=2"})->predict({text}, row), "vocoded: predict measures nothing");
  EXPECT_ERROR(with_use(taught.trained(), {"alignments=true"})->evaluate({DataFile(list(2, 5))}),
               "alignments: predict writes it, and evaluate only measures");
  EXPECT_ERROR(speak({}, {.prompt = ""}), "expected a text with a letter");
  EXPECT_ERROR(speak({}, {.prompt = "XYZ!"}), "expected a text with a letter");
  EXPECT_ERROR(speak({}, {.prompt = "a\xff"}), "invalid UTF-8");
  EXPECT_ERROR(speak({}, {.prompt = "abc", .length = 3}), "follows from the text");
}

TEST_F(Whistle, WithoutAVocoderSaysSo) {
  const auto taught = teach(small_task({"vocoder=none"}), {.files = {DataFile(list(4, 4))}});
  Heard said;
  EXPECT_ERROR(with_use(taught.trained(), {"waveform=vocoder"})->generate({.prompt = "a"}, said), "has no vocoder");
  EXPECT_FALSE(taught.trained().evaluate({DataFile(list(4, 4))}).find("vocoder_loss"));
}

TEST_F(Whistle, OfBadDataIsRefused) {
  const auto train = [&](const std::string& lines) {
    return teach(small_task(), {.files = {DataFile(scratch_.put("bad.tsv", lines))}});
  };
  tone_list(scratch_, "x", 2, 1);
  const std::string folder = scratch_.folder().string() + "/x/";
  scratch_.put("x/short.wav", wave_bytes(std::vector<float>(50), {.rate = 8000}));
  EXPECT_ERROR(train(folder + "0.wav\t...\n" + folder + "1.wav\t-\n"), "no sound is left to learn from");
  EXPECT_ERROR(train(folder + "short.wav\ta\n"), "shorter than 2 frames");
  scratch_.put("x/loud.wav", wave_bytes(std::vector<float>(4000, 3e38f), {.rate = 8000, .floats = true}));
  EXPECT_ERROR(train(folder + "loud.wav\ta\n"), "loud.wav: its samples are too large: features are not finite");
  EXPECT_ERROR(train("gone.wav\tab\n"), "gone.wav");
  EXPECT_THROW(train(""), Error);
}

// A speaker with a model of pronunciation is complete without it.
TEST_F(Whistle, SpeaksPhonemesOfItsOwnPronouncer) {
  const auto speller_path = scratch_ / "speller.recur";
  speller(scratch_, 400, spellings(300, 1)).trained().save(speller_path);
  const auto taught = teach(small_task({"vocoder=none", "pronounce=" + speller_path.string()}),
                            {.files = {DataFile(list(24, 1))}}, 150);
  const Trained& trained = taught.trained();
  const auto speak = [](const Trained& model, const std::string& prompt) {
    Heard said;
    model.generate({.prompt = prompt}, said);
    return said.samples;
  };
  const std::vector<float> said = speak(trained, "abc.");
  EXPECT_EQ(speak(trained, "{AH BH CH}."), said);
  EXPECT_NE(speak(trained, "acb."), said);
  EXPECT_EQ(speak(trained, "aXbc."), said);  // a letter that no model knows
  EXPECT_ERROR(speak(trained, "xyz"), "phoneme that the model knows");
  const Evaluation result = trained.evaluate({DataFile(list(8, 2))});
  EXPECT_GE(result.at("diagonal"), 0.75);
  const auto path = scratch_ / "speaker.recur";
  trained.save(path);
  std::filesystem::remove(speller_path);
  const auto back = load_trained(path);
  EXPECT_EQ(speak(*back, "abc."), said);
  EXPECT_EQ(back->evaluate({DataFile(list(8, 2))}).at("loss"), result.at("loss"));
  back->save_int8(scratch_ / "small.recur");
  EXPECT_FALSE(speak(*load_trained(scratch_ / "small.recur"), "abc.").empty());
  // A model that training begins from gives its own.
  auto task = small_task({"vocoder=none", "pronounce=" + speller_path.string()});
  const auto again = task->train({.files = {DataFile(list(24, 1))}}, {.seed = 1, .first = back.get()});
  again->module().load_state(back->module().state());
  EXPECT_EQ(speak(again->trained(), "abc."), said);
}

TEST_F(Whistle, SpeaksGivenPhonemes) {
  Random random(5);
  std::string lines;
  for (int i = 0; i < 4; ++i) {
    const std::string name = "given/" + std::to_string(i) + ".wav";
    scratch_.put(name, wave_bytes(tones("abc", random), {.rate = 8000}));
    lines += (scratch_ / name).string() + "\tAH BH CH\n";
  }
  const auto taught = teach(small_task({"vocoder=none", "tokens=phonemes"}),
                            {.files = {DataFile(scratch_.put("given.tsv", lines))}}, 2);
  EXPECT_EQ(std::get<int64_t>(taught.trained().describe()[2].value), 3);
  Heard said, braced;
  taught.trained().generate({.prompt = "AH CH"}, said);
  taught.trained().generate({.prompt = "{AH CH}"}, braced);
  EXPECT_FALSE(said.samples.empty());
  EXPECT_EQ(said.samples, braced.samples);
  EXPECT_ERROR(taught.trained().generate({.prompt = "abc"}, said), "phoneme that the model knows");
}

TEST_F(Whistle, OfWrongPronouncersIsRefused) {
  const auto train = [&](const std::vector<std::string>& more) {
    return teach(small_task(more), {.files = {DataFile(list(4, 4))}});
  };
  const auto other = train({"vocoder=none"});
  other.trained().save(scratch_ / "voice.recur");
  EXPECT_ERROR(train({"pronounce=" + (scratch_ / "voice.recur").string()}),
               "expected a model of the task translate, got one of synthesize");
  EXPECT_ERROR(train({"pronounce=gone.recur"}), "gone.recur");
  EXPECT_ERROR(train({"pronounce=gone.recur", "tokens=chars"}), "expected tokens to be phonemes");
}

TEST(SpectralDistance, IsZeroOfTheSame) {
  const auto a = sine(500, 8000, 2000), b = sine(900, 8000, 2000);
  EXPECT_EQ(spectral_distance(a, a, 8000), 0);
  EXPECT_GT(spectral_distance(a, b, 8000), 1);
  const FrameRows x{.values = {0, 0, 1, 1, 2, 2}, .width = 2},
      slow{.values = {0, 0, 0, 0, 1, 1, 2, 2, 2, 2}, .width = 2};
  EXPECT_EQ(warped_distance(x, slow), 0);
  EXPECT_GT(warped_distance(x, {.values = {5, 5}, .width = 2}), 10);
}

}  // namespace
}  // namespace recur
