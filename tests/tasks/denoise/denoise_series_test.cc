#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>

#include "recur/base/threads.h"
#include "recur/data/audio/wave_writer.h"
#include "recur/data/files/number_array.h"
#include "recur/tasks/denoise/denoise_input.h"
#include "recur/tasks/denoise/denoise_task.h"
#include "recur/tasks/denoise/series_model.h"
#include "recur/tasks/denoise/series_sounds.h"
#include "tests/data/array_bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/throws.h"
#include "tests/tasks/train_by_hand.h"

namespace recur {
namespace {

using namespace testing;

// Keeps arrays by name, beside rows.
class Shelf : public Kept {
 public:
  void picture(const Picture& picture) override { arrays[picture.name] = picture.bytes; }
  std::map<std::string, std::string> arrays;
};

// Series of two waves of unlike periods, far from zero.
class DenoiseSeriesTest : public ::testing::Test {
 protected:
  static constexpr int64_t kSteps = 160;

  static std::unique_ptr<DenoiseTask> make(const std::vector<std::string>& overrides = {}) {
    auto task = std::make_unique<DenoiseTask>();
    Config config;
    task->declare(config);
    for (const char* each : {"input=series", "hidden=8", "patch=64", "batch=8"}) config.apply_override(each);
    if (std::ranges::count(overrides, "network=columns") == 0) {
      for (const char* each : {"width=12", "blocks=2"}) config.apply_override(each);
    }
    for (const std::string& each : overrides) config.apply_override(each);
    return task;
  }

  static std::vector<float> waves(int count, uint64_t seed, int64_t steps = kSteps) {
    Random random(seed);
    std::vector<float> values;
    for (int i = 0; i < count; ++i) {
      const double a = 0.1 + 0.1 * random.uniform64(), at = 6 * random.uniform64();
      for (int64_t t = 0; t < steps; ++t) {
        const auto x = static_cast<double>(t);
        values.push_back(static_cast<float>(20 + 3 * std::sin(a * x + at) + 2 * std::sin(0.37 * x + 2 * at)));
      }
    }
    return values;
  }

  static std::vector<float> with_noise(std::vector<float> values, double deviation, uint64_t seed) {
    Random random(seed);
    std::vector<float> normal(values.size());
    random.normal(normal);
    for (size_t i = 0; i < values.size(); ++i) values[i] += static_cast<float>(deviation) * normal[i];
    return values;
  }

  DataFile put(const std::string& name, const std::vector<float>& values, int64_t steps = kSteps) const {
    const auto count = static_cast<int64_t>(values.size()) / steps;
    const std::string shape = "(" + std::to_string(count) + ", " + std::to_string(steps) + ")";
    return scratch_.put(name, npy_of("<f4", shape, f32_bytes(values)));
  }

  Scratch scratch_;
};

TEST_F(DenoiseSeriesTest, EveryNetworkBeatsMovingMediansAndAverages) {
  for (const char* network : {"conv", "columns"}) {
    const bool conv = std::string(network) == "conv";
    const auto taught = teach(make({"network=" + std::string(network), "level=60", conv ? "hidden=8" : "hidden=24"}),
                              {.files = {put("a.npy", waves(40, 1))}, .held_out = 0.2}, conv ? 0 : 900);
    if (conv) train_by_hand(*taught.training, 500, 0.003);
    const Evaluation result = taught.trained().evaluate({put("b.npy", waves(8, 100))});
    EXPECT_EQ(result.examples, 8);
    EXPECT_NEAR(result.at("noisy_snr"), 20 * std::log10(1 / 0.6), 1) << network;
    EXPECT_GT(result.at("snr"), result.at("median_snr") + 1) << network;
    EXPECT_GT(result.at("snr"), result.at("average_snr") + 1) << network;
    EXPECT_EQ(result.verdict, "") << network;
    // Of one channel the three metrics say the same: its deviation is sqrt((9 + 4) / 2) = 2.55.
    EXPECT_NEAR(result.at("rmse"), 2.55 * std::sqrt(result.at("loss")), 0.1);
    EXPECT_GT(taught.training->validate().at("snr"), 8);
    EXPECT_EQ(taught.training->criterion().metric, "snr");
  }
}

TEST_F(DenoiseSeriesTest, LearnsFromNoisySeriesAlone) {
  const std::vector<float> train = waves(40, 1), test = waves(8, 100);
  const auto taught = teach(make({"learn_from=noisy", "batch=16"}),
                            {.files = {put("a.npy", with_noise(train, 1.5, 3))}, .held_out = 0.2});
  train_by_hand(*taught.training, 2400, 0.002);
  EXPECT_EQ(taught.training->criterion().metric, "loss");
  const DataFile noisy = put("bn.npy", with_noise(test, 1.5, 4)), clean = put("b.npy", test);
  const auto own = with_use(taught.trained(), {"clean=" + clean.name()});
  const Evaluation result = own->evaluate({noisy});
  EXPECT_GT(result.at("snr"), result.at("noisy_snr") + 3);
  EXPECT_GT(result.at("snr"), result.at("median_snr"));
  EXPECT_FALSE(taught.trained().evaluate({noisy}).find("snr").has_value());
  EXPECT_GT(with_use(taught.trained(), {"eval_level=50"})->evaluate({clean}).at("snr"), 8);
}

TEST_F(DenoiseSeriesTest, ImpulsesAreTheLeastAndTheGreatestValue) {
  const auto taught = teach(make({"noise=salt-pepper", "level=20"}), {.files = {put("a.npy", waves(40, 1))}});
  train_by_hand(*taught.training, 300, 0.003);
  const Evaluation result = taught.trained().evaluate({put("b.npy", waves(8, 100))});
  EXPECT_GT(result.at("snr"), result.at("noisy_snr") + 6);
}

TEST_F(DenoiseSeriesTest, WritesArraysAsTheyCame) {
  const auto taught = teach(make(), {.files = {put("a.npy", waves(12, 1))}}, 3);
  const auto use = with_use(taught.trained(), {"arrays=out"});
  Shelf out;
  use->predict({put("in/x.npy", waves(3, 7)),
                scratch_.put("in/y.npy", npy_of("<i2", "(1, 4)", std::string("\x14\0\x15\0\x16\0\x17\0", 8)))},
               out);
  const NumberArray x = read_array(DataFile::from_memory("x", out.arrays.at("out/x.npy")));
  EXPECT_EQ(x.shape, (std::vector<int64_t>{3, kSteps}));
  const NumberArray y = read_array(DataFile::from_memory("y", out.arrays.at("out/y.npy")));
  EXPECT_EQ(y.shape, (std::vector<int64_t>{1, 4}));
  EXPECT_NEAR(y.values[2], 22, 6);
  EXPECT_EQ(out.rows().size(), 3 * kSteps + 4);
  EXPECT_EQ(out.names(), (std::vector<std::string>{"id", "channel1"}));
  EXPECT_NEAR(std::get<double>(out.rows()[5][1]), x.values[5], 1e-5);
  EXPECT_ERROR(with_use(taught.trained(), {"arrays=" + (scratch_ / "in").string()})
                   ->predict({DataFile(scratch_ / "in/x.npy")}, *std::make_unique<Shelf>()),
               "would be overwritten");
}

TEST_F(DenoiseSeriesTest, WritesTablesAsTheyCame) {
  std::string table = "name,time,u,v,state\n";
  for (int i = 0; i < 2; ++i) {
    for (int t = 0; t < 40; ++t) {
      const std::string u = t == 5 ? "" : std::to_string(std::sin(0.3 * t));
      table += (i == 0 ? "a," : "b,") + std::to_string(t) + "," + u + "," + std::to_string(1e6 + std::cos(0.3 * t)) +
               (t < 20 ? ",on\n" : ",off\n");
    }
  }
  const DataFile file = scratch_.put("t.csv", table);
  const auto taught = teach(make({"id_column=name", "value_columns=u,v"}), {.files = {file}}, 3);
  Shelf out;
  taught.trained().predict({file}, out);
  ASSERT_EQ(out.rows().size(), 80u);
  EXPECT_EQ(out.names()[0], "name");
  EXPECT_EQ(out.names()[1], "time");
  EXPECT_EQ(out.names()[out.names().size() - 1], "v");
  EXPECT_EQ(std::get<std::string>(out.rows()[45][0]), "b");
  EXPECT_TRUE(std::isnan(out.numbers("u")[5]));  // what is missing stays so
  EXPECT_FALSE(std::isnan(out.numbers("u")[6]));
  EXPECT_NEAR(out.numbers("v")[3], 1e6, 4);
  EXPECT_ERROR(taught.trained().evaluate({put("b.npy", waves(2, 1))}), "");
  const auto wide =
      teach(make({"layout=wide"}), {.files = {scratch_.put("w.csv", "id,t1,t2,t3,t4\nx,1,2,3,4\ny,2,3,5,\n")}}, 2);
  Shelf rows;
  wide.trained().predict({DataFile(scratch_ / "w.csv")}, rows);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"id", "t1", "t2", "t3", "t4"}));
  EXPECT_TRUE(std::isnan(rows.numbers("t4")[1]));
}

TEST_F(DenoiseSeriesTest, SeriesOfAnyLengthGoTogether) {
  std::string table = "id,x\n";
  for (const int steps : {1, 2, 7, 90, 400}) {
    for (int t = 0; t < steps; ++t) table += std::to_string(steps) + "," + std::to_string(std::sin(0.2 * t)) + "\n";
  }
  const DataFile file = scratch_.put("t.csv", table);
  for (const char* from : {"clean", "noisy"}) {
    const auto taught = teach(make({"learn_from=" + std::string(from)}), {.files = {file}}, 20);
    Shelf out;
    taught.trained().predict({file}, out);
    EXPECT_EQ(out.rows().size(), 500u);
    const auto tiled = [&](const std::vector<std::string>& use) {
      Shelf rows;
      with_use(taught.trained(), use)->predict({file}, rows);
      return rows.numbers("x");
    };
    set_threads(3);
    const std::vector<double> of_three = tiled({"tile=64"}), one_by_one = tiled({"tile=64", "eval_batch=1"});
    set_threads(1);
    EXPECT_EQ(of_three, tiled({"tile=64"}));
    for (size_t i = 0; i < of_three.size(); ++i) EXPECT_NEAR(of_three[i], one_by_one[i], 1e-5) << i;
    EXPECT_TRUE(std::isfinite(taught.trained().evaluate({file}).at("loss")));
  }
}

TEST_F(DenoiseSeriesTest, AConstantSeriesHasNoRatio) {
  const std::vector<float> flat(2 * kSteps, 7.0f);
  const auto taught = teach(make({"level=50"}), {.files = {put("a.npy", flat)}}, 50);
  const Evaluation result = taught.trained().evaluate({put("b.npy", flat)});
  EXPECT_TRUE(std::isnan(result.at("snr")));
  EXPECT_LT(result.at("rmse"), 1);
}

TEST_F(DenoiseSeriesTest, NamesWhatDoesNotFit) {
  const DataFile a = put("a.npy", waves(12, 1));
  EXPECT_ERROR(teach(make({"noise=poisson"}), {.files = {a}}), "expected gaussian, salt-pepper or mixed of series");
  EXPECT_ERROR(teach(make({"network=rows"}), {.files = {a}}), "network: expected conv or columns of series");
  EXPECT_ERROR(teach(make({"cut=false", "channels=grey"}), {.files = {a}}),
               "channels, cut: options of pictures, got series");
  EXPECT_ERROR(teach(make({"select=psnr"}), {.files = {a}}), "expected snr or loss of series, got psnr");
  EXPECT_ERROR(teach(make({"learn_from=noisy", "select=snr"}), {.files = {a}}), "select: expected loss");
  EXPECT_ERROR(teach(make({"learn_from=noisy", "level=5"}), {.files = {a}}), "no noise is added");
  EXPECT_ERROR(teach(make({"patch=4"}), {.files = {a}}), "patch: expected 0 or at least 8, got 4");
  const float none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(teach(make(), {.files = {put("n.npy", std::vector<float>(40, none), 20)}}), "n.npy");
  EXPECT_ERROR(teach(make(), {.files = {put("e.npy", {}, 20)}}), "e.npy");
  const auto taught = teach(make(), {.files = {a}}, 1);
  const DataFile two = scratch_.put("two.npy", npy_of("<f4", "(1, 3, 2)", f32_bytes({1, 2, 3, 4, 5, 6})));
  EXPECT_ERROR(taught.trained().evaluate({two}), "two.npy");
  EXPECT_ERROR(with_use(taught.trained(), {"clean=" + put("few.npy", waves(2, 1)).name()})->evaluate({a}),
               "expected as many series as there are noisy ones, 12, got 2");
  EXPECT_ERROR(with_use(taught.trained(), {"clean=" + put("short.npy", waves(12, 1, 80), 80).name()})->evaluate({a}),
               "clean: series 1 has 80 steps");
}

TEST_F(DenoiseSeriesTest, SoundsAreSeriesOfTheirRate) {
  const auto sound = [&](const std::string& name, int64_t rate) {
    std::vector<float> samples = waves(1, 3, 2000);
    for (float& sample : samples) sample = (sample - 20) / 10;
    return DataFile(scratch_.put(name, wave_file(samples, rate)));
  };
  const DataFile a = sound("a.wav", 8000), b = sound("b.wav", 8000), fast = sound("c.wav", 16000);
  EXPECT_EQ(input_of({a, b}), "series");
  const auto taught = teach(make(), {.files = {a, b}}, 5);
  EXPECT_ERROR(taught.trained().evaluate({fast}), "expected the channels of the model");
  EXPECT_ERROR(taught.trained().evaluate({a, fast}), "expected 8000 samples a second");
  class Player : public Kept {
   public:
    void sound(const Sound& sound) override { sounds.push_back(sound); }
    std::vector<Sound> sounds;
  } out;
  with_use(taught.trained(), {"sounds=out"})->predict({a, b}, out);
  ASSERT_EQ(out.sounds.size(), 2u);
  EXPECT_EQ(out.sounds[0].name, "out/a.wav");
  EXPECT_EQ(out.sounds[0].rate, 8000);
  EXPECT_EQ(out.sounds[0].samples.size(), 2000u);
  EXPECT_EQ(out.rows().size(), 2u);
  EXPECT_ERROR(with_use(taught.trained(), {"sounds=" + std::filesystem::path(a.name()).parent_path().string()})
                   ->predict({a}, *std::make_unique<Shelf>()),
               "would be overwritten");
}

TEST_F(DenoiseSeriesTest, FoldersAndListsOfSoundsAreReadAndWrittenAlike) {
  const auto sound = [&](const std::string& name, uint64_t seed) {
    std::vector<float> samples = waves(1, seed, 1000);
    for (float& sample : samples) sample = (sample - 20) / 10;
    scratch_.put(name, wave_file(samples, 8000));
  };
  for (const char* name : {"noisy/ann/1.wav", "noisy/bob/1.wav", "clean/ann/1.wav", "clean/bob/1.wav"}) sound(name, 3);
  const DataFile folder = scratch_ / "noisy", list = scratch_.put("list.txt", "noisy/ann/1.wav\nnoisy/bob/1.wav\n");
  EXPECT_EQ(input_of({folder}), "series");
  EXPECT_EQ(input_of({list}), "series");
  // Ids of a table are not sounds that are there.
  EXPECT_FALSE(are_sounds({scratch_.put("table.csv", "id,t,y\nrec.wav,0,1\nrec.wav,1,2\n")}));
  const auto taught = teach(make(), {.files = {folder}}, 5);
  class Player : public Kept {
   public:
    void sound(const Sound& sound) override { names.push_back(sound.name); }
    std::vector<std::string> names;
  } out;
  with_use(taught.trained(), {"sounds=out"})->predict({folder}, out);
  EXPECT_EQ(out.names, (std::vector<std::string>{"out/ann/1.wav", "out/bob/1.wav"}));
  Kept rows;
  taught.trained().predict({list}, rows);
  EXPECT_EQ(rows.rows().size(), 2u);
  EXPECT_ERROR(with_use(taught.trained(), {"sounds=out"})->predict({list}, out), "would both be written to out/1.wav");
  const auto against = [&](const std::string& clean) {
    return with_use(taught.trained(), {"clean=" + (scratch_ / clean).string()})->evaluate({folder});
  };
  EXPECT_EQ(against("clean").examples, 2);
  sound("other/ann/1.wav", 3);
  sound("other/bob/2.wav", 3);
  EXPECT_ERROR(against("other"), "expected the same names in the same order");
  sound("few/ann/1.wav", 3);
  EXPECT_ERROR(against("few"), "clean: expected as many sounds as there are noisy ones, 2, got 1");
  EXPECT_ERROR(with_use(taught.trained(), {"clean=clean"})->predict({folder}, out),
               "clean: predict compares with nothing");
  EXPECT_ERROR(with_use(taught.trained(), {"eval_level=50"})->predict({folder}, out),
               "eval_level: predict adds no noise");
  EXPECT_ERROR(with_use(taught.trained(), {"clean=clean", "eval_level=50"})->evaluate({folder}),
               "clean, eval_level: expected one of them");
  EXPECT_ERROR(teach(make({"value_columns=left"}), {.files = {folder}}), "value_columns: expected a table, got sounds");
}

TEST_F(DenoiseSeriesTest, EachChannelOfASoundIsCleanedByItself) {
  std::vector<float> left = waves(1, 3, 1000), right = waves(1, 4, 1000), both;
  for (size_t t = 0; t < left.size(); ++t) {
    for (std::vector<float>* channel : {&left, &right}) both.push_back((*channel)[t] = ((*channel)[t] - 20) / 10);
  }
  const DataFile a = scratch_.put("noisy/a.wav", wave_file(left, 8000)),
                 b = scratch_.put("b.wav", wave_file(right, 8000)),
                 stereo = scratch_.put("clean/a.wav", wave_file(both, 8000, 2));
  const auto taught = teach(make(), {.files = {a, b}}, 5);
  class Player : public Kept {
   public:
    void sound(const Sound& sound) override { sounds.push_back(sound); }
    std::vector<Sound> sounds;
  } apart, together;
  with_use(taught.trained(), {"sounds=out"})->predict({a, b}, apart);
  with_use(taught.trained(), {"sounds=out"})->predict({stereo}, together);
  ASSERT_EQ(together.sounds.size(), 1u);
  EXPECT_EQ(together.sounds[0].channels, 2);
  EXPECT_EQ(together.rows().size(), 1u);
  ASSERT_EQ(together.sounds[0].samples.size(), 2000u);
  for (size_t t = 0; t < 1000; ++t) {
    EXPECT_NEAR(together.sounds[0].samples[2 * t], apart.sounds[0].samples[t], 1e-5);
    EXPECT_NEAR(together.sounds[0].samples[2 * t + 1], apart.sounds[1].samples[t], 1e-5);
  }
  EXPECT_EQ(taught.trained().evaluate({stereo}).examples, 2);
  scratch_.put("noisy/c.wav", wave_file(left, 8000));
  scratch_.put("clean/c.wav", wave_file(left, 8000));
  EXPECT_ERROR(with_use(taught.trained(), {"clean=" + (scratch_ / "clean").string()})->evaluate({scratch_ / "noisy"}),
               "have different numbers of channels");
}

TEST_F(DenoiseSeriesTest, TheChannelsOfASoundAreHeldOutTogether) {
  // Each sound is three times the same.
  std::vector<float> all;
  for (int k = 0; k < 8; ++k) {
    std::vector<float> samples;
    for (const float sample : waves(1, static_cast<uint64_t>(k + 1), 400))
      samples.insert(samples.end(), 3, (sample - 20) / 10);
    scratch_.put(fmt::format("all/{}.wav", k), wave_file(samples, 8000, 3));
  }
  for (const double share : {0.1, 0.3, 0.45}) {
    const auto training = make()->train({.files = {scratch_ / "all"}, .held_out = share}, {.seed = 1});
    const std::string taken = training->taken();
    const int64_t sequences = std::stoll(taken.substr(taken.find(": ") + 2));
    EXPECT_EQ(sequences % 3, 0) << taken;
    EXPECT_LT(sequences, 24) << taken;
  }
}

TEST_F(DenoiseSeriesTest, RestoresWhatItSaved) {
  for (const char* network : {"conv", "columns"}) {
    const auto taught = teach(make({"network=" + std::string(network)}), {.files = {put("a.npy", waves(12, 1))}}, 5);
    taught.trained().save(scratch_ / "m.recur");
    const DataFile test = put("b.npy", waves(3, 100));
    EXPECT_EQ(load_trained(scratch_ / "m.recur")->evaluate({test}).at("snr"),
              taught.trained().evaluate({test}).at("snr"));
  }
  EXPECT_ERROR(make({"width=60000"})->restore({}, 1000), "");
}

TEST_F(DenoiseSeriesTest, WhatIsAPictureAndWhatASeries) {
  const auto array = [&](const std::string& type, const std::string& shape, size_t bytes) {
    return DataFile::from_memory("x.npy", npy_of(type, shape, std::string(bytes, '\1')));
  };
  EXPECT_EQ(input_of({scratch_.put("a.csv", "x,y\n1,2\n")}), "series");
  EXPECT_EQ(input_of({scratch_.put("a.txt", "1.5 2\n1 2\n")}), "series");
  EXPECT_EQ(input_of({scratch_.put("list.csv", "file,label\na.png,cat\n")}), "pictures");
  EXPECT_EQ(input_of({scratch_.put("list.txt", "hello\n")}), "pictures");
  EXPECT_EQ(input_of({array("<f4", "(6,)", 24)}), "series");
  EXPECT_EQ(input_of({array("<f4", "(2, 4, 4)", 128)}), "pictures");
  EXPECT_EQ(input_of({array("|u1", "(2, 3, 4)", 24)}), "pictures");
  EXPECT_EQ(input_of({array("<f4", "(2, 3, 4, 1)", 96)}), "pictures");
  EXPECT_ERROR(input_of({array("<f4", "(3, 4)", 48)}), "one picture, or 3 series of 4 steps; set input");
  EXPECT_ERROR(input_of({array("<f4", "(2, 3, 4)", 96)}), "2 pictures, or 2 series of 3 steps; set input");
  EXPECT_ERROR(input_of({scratch_.put("b.csv", "x,y\n1,2\n"), array("<f4", "(2, 4, 4)", 128)}),
               "series, and x.npy pictures");
}

}  // namespace
}  // namespace recur
