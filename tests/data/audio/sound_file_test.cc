#include "recur/data/audio/sound_file.h"

#include <gtest/gtest.h>

#include <limits>

#include "recur/base/random.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

DataFile in_memory(std::string bytes) { return DataFile::from_memory("a.wav", std::move(bytes)); }

TEST(SoundFile, ReadsSamplesOfEveryDepth) {
  const std::vector<float> samples = sine(100, 8000, 50);
  const SoundFile plain = read_sound(in_memory(wave_bytes(samples, {.rate = 8000})));
  EXPECT_EQ(plain.sound.rate, 8000);
  EXPECT_EQ(plain.channels, 1);
  EXPECT_EQ(plain.bits, 16);
  ASSERT_EQ(plain.sound.samples.size(), samples.size());
  for (size_t i = 0; i < samples.size(); ++i) EXPECT_NEAR(plain.sound.samples[i], samples[i], 1e-4);
  const SoundFile floats = read_sound(in_memory(wave_bytes(samples, {.floats = true})));
  EXPECT_EQ(floats.sound.samples, samples);
  EXPECT_EQ(floats.bits, 0);
  const SoundFile coarse = read_sound(in_memory(wave_bytes(samples, {.bits = 8})));
  EXPECT_EQ(coarse.bits, 8);
  for (size_t i = 0; i < samples.size(); ++i) EXPECT_NEAR(coarse.sound.samples[i], samples[i], 0.01);
  const std::string wide = little_bytes(0x400000, 3) + little_bytes(0xC00000, 3);  // 24 bits: a half, minus a half
  const SoundFile fine = read_sound(in_memory(wave_of_bytes(wide, {.bits = 24})));
  EXPECT_EQ(fine.sound.samples, (std::vector<float>{0.5f, -0.5f}));
  EXPECT_EQ(fine.bits, 24);
}

TEST(SoundFile, ChannelsAreMixedToTheirMeanOrReadApart) {
  const DataFile file = in_memory(wave_bytes(std::vector<float>{1, 0, 0.5f, -0.5f}, {.channels = 2, .floats = true}));
  const SoundFile mean = read_sound(file);
  EXPECT_EQ(mean.channels, 2);
  EXPECT_EQ(mean.sound.samples, (std::vector<float>{0.5f, 0}));
  const std::vector<Waveform> apart = read_sound_channels(file);
  ASSERT_EQ(apart.size(), 2u);
  EXPECT_EQ(apart[0].samples, (std::vector<float>{1, 0.5f}));
  EXPECT_EQ(apart[1].samples, (std::vector<float>{0, -0.5f}));
  EXPECT_ERROR(read_sound_channels(file, 3), "a.wav: has more than 1 samples");
}

TEST(SoundFile, WhatIsNoSoundIsAnErrorThatNamesTheFile) {
  EXPECT_ERROR(read_sound(in_memory("hello, this is no sound at all, but long enough to be one")),
               "a.wav: expected a sound");
  EXPECT_ERROR(read_sound(in_memory("")), "a.wav: expected a sound");
  EXPECT_ERROR(read_sound(in_memory(wave_bytes({}))), "a.wav: has no samples");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(read_sound(in_memory(wave_bytes(std::vector<float>{0, 0, nan}, {.floats = true}))),
               "a.wav: sample 3 is not a finite number");
  EXPECT_ERROR(read_sound(in_memory(wave_bytes(std::vector<float>{0, 0}, {.rate = 0}))), "a.wav");
  EXPECT_ERROR(read_sound(in_memory(wave_bytes(std::vector<float>{0, 0}, {.rate = 3}))), "samples a second, got 3");
  EXPECT_ERROR(read_sound(in_memory(wave_bytes(sine(1, 8000, 100))), 99), "a.wav: has more than 99 samples");
  EXPECT_ERROR(read_sound(DataFile("no/such.wav")), "no/such.wav");
}

TEST(SoundFile, ACutWaveIsAnErrorUnlessItGivesNoSize) {
  std::string whole = wave_bytes(sine(300, 16000, 400));
  EXPECT_ERROR(read_sound(in_memory(whole.substr(0, whole.size() - 100))),
               "a.wav: is cut off: 700 of 800 bytes of samples are there");
  const size_t size = whole.find("data") + 4;
  for (const char* unknown : {"\xff\xff\xff\xff", "\xff\xff\xff\x7f"}) {
    whole.replace(size, 4, unknown, 4);
    EXPECT_EQ(read_sound(in_memory(whole)).sound.samples.size(), 400u);
  }
}

// Any damage is an error or a sound of finite numbers.
TEST(SoundFile, DamagedFilesNeverDoHarm) {
  const std::string whole = wave_bytes(sine(300, 16000, 400));
  for (size_t cut = 0; cut < whole.size(); cut += 7) {
    try {
      const SoundFile sound = read_sound(in_memory(whole.substr(0, cut)));
      EXPECT_LT(sound.sound.samples.size(), 400u);
    } catch (const Error&) {
    }
  }
  Random random(1);
  for (int i = 0; i < 500; ++i) {
    std::string bytes = whole;
    for (int k = 0; k < 3; ++k) bytes[random.below(60)] = static_cast<char>(random.below(256));
    try {
      for (const float x : read_sound(in_memory(bytes)).sound.samples) ASSERT_TRUE(std::isfinite(x));
    } catch (const Error&) {
    }
  }
}

TEST(SoundFile, IsKnownByItsName) {
  EXPECT_TRUE(is_sound_name("a/b.wav"));
  EXPECT_TRUE(is_sound_name("B.FLAC"));
  EXPECT_FALSE(is_sound_name("b.txt"));
  EXPECT_FALSE(is_sound_name("wav"));
}

}  // namespace
}  // namespace recur
