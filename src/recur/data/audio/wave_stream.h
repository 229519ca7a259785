// The samples of a wave file, or of raw sound, as its bytes arrive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace recur {

class WaveStream {
 public:
  // A wave file: integers of 8, 16, 24 or 32 bits, or floating-point numbers of 32 or 64.
  WaveStream() = default;
  // Without a header: 16-bit little-endian integers of one channel.
  static WaveStream raw(int64_t rate);

  // The samples that the next bytes complete, the mean of the channels, integers in [-1, 1): the same numbers as
  // read_sound() gives. Throws Error for what is no wave file or of another kind of samples, and for a sample that is
  // not finite. Bytes behind the samples are passed over; a header that does not say how many there are, as of a
  // recording under way, is for all that follow.
  std::vector<float> take(std::string_view bytes);
  // Behind the last byte. Throws Error for a file that ends within its header. The number of the sample that it ends
  // within, from 1; 0: it is whole.
  int64_t finish() const;

  int64_t rate() const { return rate_; }  // 0: the header has not come yet
  int64_t channels() const { return channels_; }

  // Whether bytes may begin a wave file; nothing: too few to tell.
  static std::optional<bool> begins_wave(std::string_view bytes);

 private:
  enum class Numbers : uint8_t { kIntegers, kReals };
  bool read_header();
  void read_format(std::string_view chunk);
  float sample_at(const char* at) const;

  std::string kept_;  // bytes that are not samples yet
  bool in_samples_ = false, is_done_ = false;
  int64_t left_ = 0;                             // bytes of samples that are still to come
  int64_t rate_ = 0, channels_ = 0, bytes_ = 0;  // bytes: of a sample of a channel
  int64_t count_ = 0;                            // samples so far
  Numbers numbers_ = Numbers::kIntegers;
};

}  // namespace recur
