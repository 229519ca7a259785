#include "recur/base/random.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>

#include "recur/base/error.h"
#include "recur/base/random_bulk.h"
#include "recur/base/threads.h"

namespace recur {
namespace {

constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;
constexpr int kWordsPerBlock = 4;

// Normals read blocks that no other draw reads: a block number has 62 bits, the top one is the mark. Otherwise a
// normal at an odd position would share a word with the uniform drawn before it.
constexpr uint64_t kNormalBlocks = uint64_t{1} << 63;

constexpr int kBatchWords = internal::kBatchWords;
constexpr int64_t kGrain = 1 << 16;  // elements a thread takes at a time

float to_uniform(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

// How the words of a batch become its elements.
struct Uniform {
  static constexpr uint64_t kDomain = 0;
  void operator()(const uint32_t* words, float* out) const { internal::words_to_uniform(words, out); }
};

struct Mask {
  static constexpr uint64_t kDomain = 0;
  uint32_t threshold;
  float value;
  void operator()(const uint32_t* words, float* out) const { internal::words_to_mask(words, threshold, value, out); }
};

// Words 2k and 2k+1 make the normals 2k and 2k+1.
struct Normal {
  static constexpr uint64_t kDomain = kNormalBlocks;
  static void pair(const uint32_t* words, float* out) {
    const float u = std::min((static_cast<float>(words[0]) + 1.0f) * 0x1p-32f, 1.0f);  // never 0: the log stays finite
    const float radius = std::sqrt(-2.0f * std::log(u));
    const float angle = 2.0f * std::numbers::pi_v<float> * to_uniform(words[1]);
    out[0] = radius * std::cos(angle);
    out[1] = radius * std::sin(angle);
  }
  void operator()(const uint32_t* words, float* out) const {
    for (int i = 0; i < kBatchWords; i += 2) pair(words + i, out + i);
  }
};

// Fills out[0, n) with what `make` gives for the words from the state's position on.
template <class Make>
void fill_range(Random::State state, const Make& make, float* out, int64_t n) {
  alignas(64) uint32_t words[kBatchWords];
  alignas(64) float ragged[kBatchWords];
  while (n > 0) {
    const uint64_t first = state.position / kWordsPerBlock;
    internal::random_words(state.seed, state.stream, first | Make::kDomain, words);
    const auto offset = static_cast<int64_t>(state.position % kWordsPerBlock);
    const int64_t count = std::min(n, kBatchWords - offset);
    if (count == kBatchWords) {
      make(words, out);
    } else {
      make(words, ragged);
      std::copy_n(ragged + offset, count, out);
    }
    out += count, n -= count, state.position += static_cast<uint64_t>(count);
  }
}

template <class Make>
void fill(Random::State& state, const Make& make, std::span<float> out) {
  parallel_for(static_cast<int64_t>(out.size()), kGrain, [&](int64_t begin, int64_t end) {
    Random::State chunk = state;
    chunk.position += static_cast<uint64_t>(begin);
    fill_range(chunk, make, out.data() + begin, end - begin);
  });
  state.position += out.size();
}

std::array<uint32_t, 4> block_words(const Random::State& state, uint64_t block) {
  return philox4x32({static_cast<uint32_t>(block), static_cast<uint32_t>(block >> 32),
                     static_cast<uint32_t>(state.stream), static_cast<uint32_t>(state.stream >> 32)},
                    {static_cast<uint32_t>(state.seed), static_cast<uint32_t>(state.seed >> 32)});
}

}  // namespace

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> c, std::array<uint32_t, 2> k) {
  for (int round = 0; round < kRounds; ++round, k[0] += kWeyl0, k[1] += kWeyl1) {
    const uint64_t p0 = uint64_t{kMultiplier0} * c[0], p1 = uint64_t{kMultiplier1} * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k[1], static_cast<uint32_t>(p0)};
  }
  return c;
}

std::string Random::State::to_string() const { return fmt::format("philox4x32-10:{}:{}:{}", seed, stream, position); }

Random::State Random::State::from_string(std::string_view string) {
  constexpr std::string_view kName = "philox4x32-10";
  State state;
  std::string_view rest = string;
  bool good = rest.starts_with(kName);
  if (good) rest.remove_prefix(kName.size());
  for (uint64_t* field : {&state.seed, &state.stream, &state.position}) {
    good = good && rest.starts_with(':');
    if (!good) break;
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), *field);
    good = error == std::errc();
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  }
  if (!good || !rest.empty()) fail("random state: expected {}:SEED:STREAM:POSITION, got '{}'", kName, string);
  return state;
}

uint32_t Random::bits() {
  const uint64_t block = state_.position / kWordsPerBlock;
  if (block != cached_block_) {
    cache_ = block_words(state_, block);
    cached_block_ = block;
  }
  return cache_[state_.position++ % kWordsPerBlock];
}

uint64_t Random::bits64() {
  const uint64_t low = bits();
  return low | uint64_t{bits()} << 32;
}

float Random::uniform() { return to_uniform(bits()); }

double Random::uniform64() { return static_cast<double>(bits64() >> 11) * 0x1p-53; }

float Random::normal() {
  const uint64_t position = state_.position++;
  const auto words = block_words(state_, position / kWordsPerBlock | kNormalBlocks);
  float two[2];
  Normal::pair(words.data() + (position & 2), two);
  return two[position & 1];
}

uint64_t Random::below(uint64_t n) {
  if (n == 0) fail("random: below: n must be greater than 0");
  // Keep the low bits that n needs and try again when they reach n: fewer than two tries on average.
  const uint64_t mask = ~uint64_t{0} >> std::countl_zero((n - 1) | 1);
  for (;;) {
    const uint64_t value = bits64() & mask;
    if (value < n) return value;
  }
}

void Random::uniform(std::span<float> out) { fill(state_, Uniform{}, out); }

void Random::normal(std::span<float> out) { fill(state_, Normal{}, out); }

void Random::bernoulli_mask(std::span<float> out, float keep) {
  if (!(keep >= 0.0f && keep <= 1.0f)) fail("random: bernoulli_mask: keep must be in [0, 1], got {}", keep);
  if (keep == 0.0f || keep == 1.0f) {
    std::fill(out.begin(), out.end(), keep);
    skip(out.size());
    return;
  }
  fill(state_, Mask{static_cast<uint32_t>(static_cast<double>(keep) * 0x1p32), 1.0f / keep}, out);
}

}  // namespace recur
