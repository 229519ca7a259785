#include "recur/data/quartiles.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace recur {
namespace {

constexpr size_t kMostChannels = 256;  // of a sweep
constexpr std::array<double, 3> kShares{0.25, 0.5, 0.75};
constexpr uint32_t kSign = 0x80000000;

// Keys are in the order of the numbers.
uint32_t key_of(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}
float value_of(uint32_t key) { return std::bit_cast<float>((key & kSign) != 0 ? key & ~kSign : ~key); }

// The bits that a pass finds out.
struct Digit {
  int shift = 0, bits = 0;

  uint32_t of(uint32_t key) const { return key >> shift & ((1U << bits) - 1); }
  uint32_t prefix(uint32_t key) const { return shift + bits == 32 ? 0 : key >> (shift + bits); }
};
constexpr std::array<Digit, 3> kDigits{{{21, 11}, {10, 11}, {0, 10}}};

// One channel: the ranks that are wanted, and what is known of the values there.
class Ranks {
 public:
  void begin(const Digit& digit) {
    digit_ = digit;
    prefixes_.clear();
    if (wanted_.empty()) prefixes_.push_back(0);
    for (const Wanted& wanted : wanted_) {
      if (std::ranges::find(prefixes_, wanted.prefix) == prefixes_.end()) prefixes_.push_back(wanted.prefix);
    }
    counts_.assign(prefixes_.size() << digit.bits, 0);
  }

  void add(float value) {
    if (std::isnan(value)) return;
    const uint32_t key = key_of(value), prefix = digit_.prefix(key);
    for (size_t i = 0; i < prefixes_.size(); ++i) {
      if (prefixes_[i] == prefix) ++counts_[(i << digit_.bits) + digit_.of(key)];
    }
  }

  void end() {
    if (first_) want_ranks();
    first_ = false;
    for (Wanted& wanted : wanted_) narrow(wanted);
    counts_ = {};
  }

  std::optional<Quartiles> result() const {
    if (wanted_.empty()) return std::nullopt;
    return Quartiles{quantile(0), quantile(1), quantile(2)};
  }

 private:
  struct Wanted {
    uint32_t prefix = 0;  // the leading bits of the value
    int64_t rank = 0;     // among the values with these bits
  };

  void want_ranks() {
    for (const int64_t count : counts_) size_ += count;
    if (size_ == 0) return;
    for (const double share : kShares) {
      const auto below = static_cast<int64_t>(share * static_cast<double>(size_ - 1));
      wanted_.push_back({.rank = below});
      wanted_.push_back({.rank = std::min(below + 1, size_ - 1)});
    }
  }

  void narrow(Wanted& wanted) const {
    const size_t at = static_cast<size_t>(std::ranges::find(prefixes_, wanted.prefix) - prefixes_.begin());
    const int64_t* const counts = counts_.data() + (at << digit_.bits);
    uint32_t digit = 0;
    while (wanted.rank >= counts[digit]) wanted.rank -= counts[digit++];
    wanted.prefix = wanted.prefix << digit_.bits | digit;
  }

  // Between the two values, as recur::quantile() has it.
  double quantile(size_t i) const {
    const double at = kShares[i] * static_cast<double>(size_ - 1);
    const double low = value_of(wanted_[2 * i].prefix), high = value_of(wanted_[2 * i + 1].prefix);
    return low + (at - std::floor(at)) * (high - low);
  }

  Digit digit_;
  bool first_ = true;
  int64_t size_ = 0;
  std::vector<Wanted> wanted_;  // two neighbours for each quartile
  std::vector<uint32_t> prefixes_;
  std::vector<int64_t> counts_;  // of each prefix and digit
};

}  // namespace

std::vector<std::optional<Quartiles>> quartiles(int64_t channels, const PartSource& parts) {
  const auto width = static_cast<size_t>(channels);
  std::vector<std::optional<Quartiles>> out;
  for (size_t begin = 0; begin < width; begin += kMostChannels) {
    std::vector<Ranks> ranks(std::min(kMostChannels, width - begin));
    for (const Digit& digit : kDigits) {
      for (Ranks& channel : ranks) channel.begin(digit);
      parts([&](std::span<const float> part) {
        for (size_t i = begin; i < part.size(); i += width) {
          for (size_t c = 0; c < ranks.size(); ++c) ranks[c].add(part[i + c]);
        }
      });
      for (Ranks& channel : ranks) channel.end();
    }
    for (const Ranks& channel : ranks) out.push_back(channel.result());
  }
  return out;
}

}  // namespace recur
