#include "recur/data/audio/wave_stream.h"

#include <gtest/gtest.h>

#include <limits>

#include "recur/data/audio/sound_file.h"
#include "tests/data/audio/wave_bytes.h"
#include "tests/support/throws.h"

namespace recur {
namespace {

using namespace testing;

std::vector<float> by_pieces(WaveStream stream, const std::string& bytes, size_t piece) {
  std::vector<float> out;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const auto part = stream.take(std::string_view(bytes).substr(at, piece));
    out.insert(out.end(), part.begin(), part.end());
  }
  stream.finish();
  return out;
}

// The numbers are those of the reader of whole files, whatever the samples are and wherever the bytes are cut.
TEST(WaveStream, IsTheWholeFile) {
  const auto sound = sine(300, 8000, 1001, 0.9);
  for (const WaveHeader& header :
       {WaveHeader{.rate = 8000}, {.rate = 8000, .bits = 8}, {.rate = 8000, .floats = true}}) {
    const std::string bytes = wave_bytes(sound, header);
    const SoundFile whole = read_sound(DataFile::from_memory("a.wav", bytes));
    for (const size_t piece : {1, 3, 50, 100000}) {
      EXPECT_EQ(by_pieces(WaveStream(), bytes, piece), whole.sound.samples) << header.bits << " " << piece;
    }
  }
  // Two channels, of 24 bits; a chunk before the format, and one behind the samples.
  std::string samples;
  for (int i = 0; i < 60; ++i) samples += little_bytes(static_cast<uint64_t>(i * 1234567), 3);
  std::string bytes = wave_of_bytes(samples, {.rate = 44100, .channels = 2, .bits = 24});
  bytes.insert(12, "LIST" + little_bytes(3, 4) + "abc" + std::string(1, '\0'));
  bytes += "id3 " + little_bytes(4, 4) + "abcd";
  const SoundFile whole = read_sound(DataFile::from_memory("a.wav", bytes));
  EXPECT_EQ(by_pieces(WaveStream(), bytes, 5), whole.sound.samples);
  WaveStream stream;
  stream.take(bytes);
  EXPECT_EQ(stream.rate(), 44100);
  EXPECT_EQ(stream.channels(), 2);
}

// A recording under way does not know its length.
TEST(WaveStream, AHeaderWithoutALengthIsForAllThatFollows) {
  std::string bytes = wave_bytes(sine(300, 8000, 50), {.rate = 8000});
  const auto want = by_pieces(WaveStream(), bytes, 10);
  for (const uint64_t length : {uint64_t{0}, uint64_t{0xffffffff}}) {
    bytes.replace(40, 4, little_bytes(length, 4));
    EXPECT_EQ(by_pieces(WaveStream(), bytes, 10), want);
  }
}

TEST(WaveStream, RawSoundHasNoHeader) {
  const std::string bytes = wave_bytes(sine(300, 8000, 50), {.rate = 8000});
  const WaveStream raw = WaveStream::raw(8000);
  EXPECT_EQ(raw.rate(), 8000);
  EXPECT_EQ(by_pieces(raw, bytes.substr(44), 3), by_pieces(WaveStream(), bytes, 10));
}

TEST(WaveStream, KnowsWhatBeginsAWave) {
  EXPECT_EQ(WaveStream::begins_wave("RI"), std::nullopt);
  EXPECT_EQ(WaveStream::begins_wave("RIFF"), true);
  EXPECT_EQ(WaveStream::begins_wave("RA"), false);
  EXPECT_EQ(WaveStream::begins_wave("fLaC"), false);
}

TEST(WaveStream, DamageIsSaid) {
  const std::string good = wave_bytes(sine(300, 8000, 50), {.rate = 8000});
  const auto read = [](const std::string& bytes) { by_pieces(WaveStream(), bytes, 7); };
  EXPECT_ERROR(read("RIFFxxxxAVI abcd"), "expected a wave file");
  EXPECT_ERROR(read(good.substr(0, 30)), "got 30 bytes without samples");
  for (const size_t missing : {0, 1}) {
    WaveStream stream;
    EXPECT_EQ(std::ssize(stream.take(std::string_view(good).substr(0, good.size() - missing))), 50 - missing);
    EXPECT_EQ(stream.finish(), missing == 0 ? 0 : 50);
  }
  std::string other = good;
  other.replace(20, 2, little_bytes(2, 2));
  EXPECT_ERROR(read(other), "got format 2 of 16 bits");
  other = good;
  other.replace(24, 4, little_bytes(3, 4));
  EXPECT_ERROR(read(other), "samples a second, got 3");
  other = good;
  other.replace(22, 2, little_bytes(0, 2));
  EXPECT_ERROR(read(other), "expected 1 .. 256 channels, got 0");
  other = good;
  other.replace(16, 4, little_bytes(0x7fffffff, 4));
  EXPECT_ERROR(read(other), "expected at most");
  EXPECT_ERROR(read("RIFF" + little_bytes(99, 4) + "WAVEdata" + little_bytes(4, 4) + "abcd"), "before their format");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_ERROR(read(wave_bytes(std::vector<float>{0, nan}, {.rate = 8000, .floats = true})),
               "sample 2 is not a finite number");
}

}  // namespace
}  // namespace recur
