#include "recur/data/audio/wave_stream.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "recur/base/error.h"

namespace recur {
namespace {

constexpr size_t kChunkHead = 8;  // its name and its size
constexpr int64_t kEndless = std::numeric_limits<int64_t>::max();

uint64_t little_endian(const char* at, int64_t bytes) {
  uint64_t out = 0;
  for (int64_t k = 0; k < bytes; ++k) out |= static_cast<uint64_t>(static_cast<unsigned char>(at[k])) << (8 * k);
  return out;
}

}  // namespace

std::optional<bool> WaveStream::begins_wave(std::string_view bytes) {
  constexpr std::string_view kRiff = "RIFF";
  if (bytes.size() < kRiff.size()) {
    return kRiff.starts_with(bytes) ? std::nullopt : std::optional(false);
  }
  return bytes.starts_with(kRiff);
}

WaveStream WaveStream::raw(int64_t rate) {
  WaveStream out;
  out.in_samples_ = true;
  out.left_ = kEndless;
  out.rate_ = rate;
  out.channels_ = 1;
  out.bytes_ = 2;
  return out;
}

void WaveStream::read_format(std::string_view chunk) {
  constexpr uint64_t kPcm = 1, kFloat = 3, kExtensible = 0xfffe;
  if (chunk.size() < 16) fail("wave: fmt: expected at least 16 bytes, got {}", chunk.size());
  uint64_t kind = little_endian(chunk.data(), 2);
  if (kind == kExtensible && chunk.size() >= 26) kind = little_endian(chunk.data() + 24, 2);
  channels_ = static_cast<int64_t>(little_endian(chunk.data() + 2, 2));
  rate_ = static_cast<int64_t>(little_endian(chunk.data() + 4, 4));
  const auto bits = static_cast<int64_t>(little_endian(chunk.data() + 14, 2));
  constexpr int64_t kLeastRate = 1000, kMostRate = 1 << 20, kMostChannels = 256;
  if (rate_ < kLeastRate || rate_ > kMostRate) {
    fail("wave: expected {} .. {} samples a second, got {}", kLeastRate, kMostRate, rate_);
  }
  if (channels_ < 1 || channels_ > kMostChannels) {
    fail("wave: expected 1 .. {} channels, got {}", kMostChannels, channels_);
  }
  const bool is_pcm = kind == kPcm && (bits == 8 || bits == 16 || bits == 24 || bits == 32);
  const bool is_float = kind == kFloat && (bits == 32 || bits == 64);
  if (!is_pcm && !is_float) {
    fail("wave: expected integers of 8, 16, 24 or 32 bits or floating-point numbers, got format {} of {} bits", kind,
         bits);
  }
  numbers_ = is_pcm ? Numbers::kIntegers : Numbers::kReals;
  bytes_ = bits / 8;
}

// Takes the chunks before the samples out of kept_. Returns false while their bytes have not all come.
bool WaveStream::read_header() {
  constexpr size_t kHead = 12, kMostHeader = size_t{1} << 24;
  if (kept_.size() < kHead) return false;
  if (!kept_.starts_with("RIFF") || kept_.compare(8, 4, "WAVE") != 0) {
    fail("expected a wave file, or raw sound with its rate");
  }
  size_t at = kHead;
  while (kept_.size() >= at + kChunkHead) {
    const uint64_t size = little_endian(kept_.data() + at + 4, 4);
    const std::string_view name = std::string_view(kept_).substr(at, 4);
    if (name == "data") {
      if (channels_ == 0) fail("wave: the samples come before their format");
      constexpr uint64_t kUnknown = 0xffffffff;
      left_ = size == 0 || size >= kUnknown - kHead ? kEndless : static_cast<int64_t>(size);
      kept_.erase(0, at + kChunkHead);
      return true;
    }
    if (size > kMostHeader) fail("wave: chunk '{}': expected at most {} bytes, got {}", name, kMostHeader, size);
    const size_t padded = size + size % 2;
    if (kept_.size() < at + kChunkHead + padded) return false;
    if (name == "fmt ") read_format(std::string_view(kept_).substr(at + kChunkHead, size));
    at += kChunkHead + padded;
    if (at > kMostHeader) fail("wave: expected samples within {} bytes", kMostHeader);
  }
  return false;
}

float WaveStream::sample_at(const char* at) const {
  const uint64_t bits = little_endian(at, bytes_);
  if (numbers_ == Numbers::kReals) {
    return bytes_ == 4 ? std::bit_cast<float>(static_cast<uint32_t>(bits))
                       : static_cast<float>(std::bit_cast<double>(bits));
  }
  if (bytes_ == 1) return (static_cast<float>(bits) - 128) / 128;
  const auto shift = static_cast<int>(64 - 8 * bytes_);
  const int64_t value = static_cast<int64_t>(bits << shift) >> shift;
  return static_cast<float>(static_cast<double>(value) / std::ldexp(1.0, static_cast<int>(8 * bytes_ - 1)));
}

std::vector<float> WaveStream::take(std::string_view bytes) {
  if (is_done_) return {};
  kept_ += bytes;
  if (!in_samples_ && !read_header()) return {};
  in_samples_ = true;
  const int64_t frame = bytes_ * channels_;
  const int64_t frames = std::min(std::ssize(kept_), left_) / frame;
  std::vector<float> out;
  out.reserve(static_cast<size_t>(frames));
  for (int64_t i = 0; i < frames; ++i) {
    double sum = 0;
    for (int64_t c = 0; c < channels_; ++c) sum += double{sample_at(kept_.data() + i * frame + c * bytes_)};
    const auto mean = static_cast<float>(sum / static_cast<double>(channels_));
    ++count_;
    if (!std::isfinite(mean)) fail("sample {} is not a finite number", count_);
    out.push_back(mean);
  }
  kept_.erase(0, static_cast<size_t>(frames * frame));
  if (left_ != kEndless) left_ -= frames * frame;
  if (left_ < frame) {
    is_done_ = true;
    kept_.clear();
  }
  return out;
}

int64_t WaveStream::finish() const {
  if (!in_samples_) fail("expected a wave file, got {} bytes without samples", kept_.size());
  return kept_.empty() ? 0 : count_ + 1;
}

}  // namespace recur
