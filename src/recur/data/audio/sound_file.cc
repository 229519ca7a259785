#include "recur/data/audio/sound_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/byte_word.h"
#include "recur/data/files/plain_text.h"

#ifdef RECUR_HAS_SNDFILE
#include <sndfile.h>
#endif

namespace recur {

bool begins_sound(std::string_view head) {
  return head.starts_with("RIFF") || head.starts_with("fLaC") || head.starts_with("OggS");
}

bool is_sound_name(std::string_view name) {
  static constexpr std::array<std::string_view, 15> kExtensions{".wav", ".flac", ".ogg",  ".oga",  ".opus",
                                                                ".mp3", ".aif",  ".aiff", ".aifc", ".au",
                                                                ".snd", ".sph",  ".nist", ".caf",  ".w64"};
  const std::string extension = lower_ascii(std::filesystem::path(name).extension().string());
  return std::ranges::count(kExtensions, extension) > 0;
}

#ifndef RECUR_HAS_SNDFILE

bool can_read_sounds() { return false; }

namespace {

[[noreturn]] void fail_unread(const DataFile& file) {
  fail("{}: this build cannot read sounds: install libsndfile (Debian: libsndfile1-dev) and build again", file.name());
}

}  // namespace

SoundFile read_sound(const DataFile& file, int64_t) { fail_unread(file); }

std::vector<Waveform> read_sound_channels(const DataFile& file, int64_t) { fail_unread(file); }

#else

bool can_read_sounds() { return true; }

namespace {

// The bytes of a file as libsndfile asks for them.
struct SoundBytes {
  std::string bytes;
  sf_count_t at = 0;

  sf_count_t size() const { return static_cast<sf_count_t>(bytes.size()); }
};

sf_count_t length_of_bytes(void* user) { return static_cast<SoundBytes*>(user)->size(); }

sf_count_t seek_bytes(sf_count_t offset, int whence, void* user) {
  auto& bytes = *static_cast<SoundBytes*>(user);
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? bytes.at : bytes.size();
  // A damaged header may lead anywhere: the sum must not overflow.
  if (offset > bytes.size() - base || offset < -base) return -1;
  return bytes.at = base + offset;
}

sf_count_t read_bytes(void* to, sf_count_t count, void* user) {
  auto& bytes = *static_cast<SoundBytes*>(user);
  count = std::clamp<sf_count_t>(count, 0, bytes.size() - bytes.at);
  std::memcpy(to, bytes.bytes.data() + bytes.at, static_cast<size_t>(count));
  bytes.at += count;
  return count;
}

sf_count_t write_nothing(const void*, sf_count_t, void*) { return 0; }

sf_count_t tell_bytes(void* user) { return static_cast<SoundBytes*>(user)->at; }

int bits_of(int format) {
  switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
      return 8;
    case SF_FORMAT_PCM_16:
      return 16;
    case SF_FORMAT_PCM_24:
      return 24;
    case SF_FORMAT_PCM_32:
      return 32;
    default:
      return 0;
  }
}

// Bytes that the samples of a wave file are said to take and those that are there, where these are fewer: libsndfile
// reads such a file as a shorter one. Programs that write to pipes give no size, or one of 2 GB and more.
struct CutWave {
  uint32_t said = 0, there = 0;
};

std::optional<CutWave> cut_wave(std::string_view bytes) {
  constexpr uint32_t kUnknown = 0x7FFF'0000;
  constexpr size_t kFirstChunk = 12, kHeader = 8;
  if (!bytes.starts_with("RIFF") || bytes.substr(std::min<size_t>(8, bytes.size()), 4) != "WAVE") return {};
  for (size_t at = kFirstChunk; bytes.size() - at >= kHeader;) {
    const auto size = static_cast<uint32_t>(internal::load_4(bytes.data() + at + 4));
    const size_t left = bytes.size() - at - kHeader;
    if (bytes.substr(at, 4) == "data") {
      if (size <= left || size >= kUnknown) return {};
      return CutWave{size, static_cast<uint32_t>(left)};
    }
    if (size >= left) return {};
    at += kHeader + size + size % 2;
  }
  return {};
}

class SoundReader {
 public:
  explicit SoundReader(const DataFile& file) : name_(file.name()) {
    constexpr size_t kMostBytes = size_t{4} << 30;
    bytes_.bytes = file.content(kMostBytes);
    SF_VIRTUAL_IO io{length_of_bytes, seek_bytes, read_bytes, write_nothing, tell_bytes};
    sound_.reset(sf_open_virtual(&io, SFM_READ, &info_, &bytes_));
    if (sound_ == nullptr) {
      fail("{}: expected a sound (wav, flac, ogg, ...): {}", name_, without_end(sf_strerror(nullptr)));
    }
    check();
    if (const auto cut = cut_wave(bytes_.bytes)) {
      fail("{}: is cut off: {} of {} bytes of samples are there", name_, cut->there, cut->said);
    }
  }

  SoundFile mean(int64_t most_samples) {
    SoundFile out{
        .sound = {.samples = {}, .rate = info_.samplerate}, .channels = info_.channels, .bits = bits_of(info_.format)};
    read(most_samples, [&](std::span<const float> sample) {
      double sum = 0;
      for (const float each : sample) sum += static_cast<double>(each);
      out.sound.samples.push_back(static_cast<float>(sum / static_cast<double>(sample.size())));
    });
    return out;
  }

  std::vector<Waveform> channels(int64_t most_samples) {
    std::vector<Waveform> out(static_cast<size_t>(info_.channels), {.samples = {}, .rate = info_.samplerate});
    read(most_samples / info_.channels, [&](std::span<const float> sample) {
      for (size_t c = 0; c < sample.size(); ++c) out[c].samples.push_back(sample[c]);
    });
    return out;
  }

 private:
  static std::string without_end(std::string_view message) {
    while (!message.empty() && (message.back() == '.' || message.back() == '\n')) message.remove_suffix(1);
    return std::string(message);
  }

  void check() const {
    constexpr int kLeastRate = 1000, kMostRate = 1 << 20, kMostChannels = 256;
    if (info_.samplerate < kLeastRate || info_.samplerate > kMostRate) {
      fail("{}: header: expected {} .. {} samples a second, got {}", name_, kLeastRate, kMostRate, info_.samplerate);
    }
    if (info_.channels < 1 || info_.channels > kMostChannels) {
      fail("{}: header: expected 1 .. {} channels, got {}", name_, kMostChannels, info_.channels);
    }
  }

  // Hands over the values that the channels have at each time.
  template <class Take>
  void read(int64_t most_samples, Take&& take) {
    constexpr sf_count_t kBlock = 1 << 14;
    const auto channels = static_cast<size_t>(info_.channels);
    std::vector<float> block(static_cast<size_t>(kBlock) * channels);
    int64_t samples = 0;
    for (sf_count_t count = 0; (count = sf_readf_float(sound_.get(), block.data(), kBlock)) > 0;) {
      if (samples + count > most_samples) fail("{}: has more than {} samples", name_, most_samples);
      for (size_t at = 0; at < static_cast<size_t>(count) * channels; at += channels) {
        const std::span<const float> sample(block.data() + at, channels);
        ++samples;
        if (!std::ranges::all_of(sample, [](float value) { return std::isfinite(value); })) {
          fail("{}: sample {} is not a finite number", name_, samples);
        }
        take(sample);
      }
    }
    if (sf_error(sound_.get()) != SF_ERR_NO_ERROR) {
      fail("{}: sample {}: {}", name_, samples, without_end(sf_strerror(sound_.get())));
    }
    // Formats that do not say how much they hold are given the largest number.
    if (samples < info_.frames && info_.frames < most_samples) {
      fail("{}: is cut off: {} of {} samples are there", name_, samples, info_.frames);
    }
    if (samples == 0) fail("{}: has no samples", name_);
  }

  struct Close {
    void operator()(SNDFILE* sound) const { sf_close(sound); }
  };

  std::string name_;
  SoundBytes bytes_;
  SF_INFO info_{};
  std::unique_ptr<SNDFILE, Close> sound_;
};

}  // namespace

SoundFile read_sound(const DataFile& file, int64_t most_samples) { return SoundReader(file).mean(most_samples); }

std::vector<Waveform> read_sound_channels(const DataFile& file, int64_t most_samples) {
  return SoundReader(file).channels(most_samples);
}

#endif

}  // namespace recur
