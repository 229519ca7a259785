#include "recur/base/random.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <numbers>

#include "recur/base/error.h"
#include "recur/base/threads.h"

// The bulk loops are compiled once for every vector width and chosen at run time; integer arithmetic and one exact
// conversion make all of them the same bits.
#if defined(__x86_64__) && defined(__GNUC__)
#define RECUR_RANDOM_X86 1
#endif
#define RECUR_ALWAYS_INLINE inline __attribute__((always_inline))

namespace recur {
namespace {

constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;
constexpr int kWordsPerBlock = 4;

// Normals read blocks that no other draw reads: a block number has 62 bits, the top one is the mark. Otherwise a
// normal at an odd position would share a word with the uniform drawn before it.
constexpr uint64_t kNormalBlocks = uint64_t{1} << 63;

constexpr int kLanes = 16;  // blocks computed side by side
constexpr int kBatchWords = kLanes * kWordsPerBlock;
constexpr int64_t kGrain = 1 << 16;  // elements a thread takes at a time, a multiple of kBatchWords

float to_uniform(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

// Where a bulk draw starts: the key and the number of a block.
struct Blocks {
  uint64_t seed, stream, first;
};

// words[4 * i + j] is word j of block first + i, for kLanes blocks.
RECUR_ALWAYS_INLINE void generate_batch(const Blocks& blocks, uint32_t* __restrict words) {
  uint32_t c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    const uint64_t block = blocks.first + static_cast<uint64_t>(i);
    c0[i] = static_cast<uint32_t>(block);
    c1[i] = static_cast<uint32_t>(block >> 32);
    c2[i] = static_cast<uint32_t>(blocks.stream);
    c3[i] = static_cast<uint32_t>(blocks.stream >> 32);
  }
  uint32_t k0 = static_cast<uint32_t>(blocks.seed), k1 = static_cast<uint32_t>(blocks.seed >> 32);
  for (int round = 0; round < kRounds; ++round, k0 += kWeyl0, k1 += kWeyl1) {
    for (int i = 0; i < kLanes; ++i) {
      const uint64_t p0 = uint64_t{kMultiplier0} * c0[i], p1 = uint64_t{kMultiplier1} * c2[i];
      c0[i] = static_cast<uint32_t>(p1 >> 32) ^ c1[i] ^ k0;
      c1[i] = static_cast<uint32_t>(p1);
      c2[i] = static_cast<uint32_t>(p0 >> 32) ^ c3[i] ^ k1;
      c3[i] = static_cast<uint32_t>(p0);
    }
  }
  for (int i = 0; i < kLanes; ++i) {
    words[4 * i] = c0[i];
    words[4 * i + 1] = c1[i];
    words[4 * i + 2] = c2[i];
    words[4 * i + 3] = c3[i];
  }
}

struct Uniform {
  static constexpr uint64_t kDomain = 0;
  RECUR_ALWAYS_INLINE void operator()(const uint32_t* __restrict words, float* __restrict out, int n) const {
    for (int i = 0; i < n; ++i) out[i] = static_cast<float>(static_cast<int32_t>(words[i] >> 8)) * 0x1p-24f;
  }
};

struct Mask {
  static constexpr uint64_t kDomain = 0;
  uint32_t threshold;
  float value;
  RECUR_ALWAYS_INLINE void operator()(const uint32_t* __restrict words, float* __restrict out, int n) const {
    for (int i = 0; i < n; ++i) out[i] = words[i] < threshold ? value : 0.0f;
  }
};

// Words 2k and 2k+1 make the normals 2k and 2k+1; n is even or the caller drops the last.
struct Normal {
  static constexpr uint64_t kDomain = kNormalBlocks;
  static void pair(const uint32_t* words, float out[2]) {
    const float u = (static_cast<float>(words[0]) + 1.0f) * 0x1p-32f;  // (0, 1]: the logarithm stays finite
    const float radius = std::sqrt(-2.0f * std::log(std::min(u, 1.0f)));
    const float angle = 2.0f * std::numbers::pi_v<float> * to_uniform(words[1]);
    out[0] = radius * std::cos(angle);
    out[1] = radius * std::sin(angle);
  }
  RECUR_ALWAYS_INLINE void operator()(const uint32_t* __restrict words, float* __restrict out, int n) const {
    for (int i = 0; i < n; i += 2) {
      float two[2];
      pair(words + i, two);
      out[i] = two[0];
      if (i + 1 < n) out[i + 1] = two[1];
    }
  }
};

// Fills out[0, n) with what `make` gives for the words from `position` on.
template <class Make>
RECUR_ALWAYS_INLINE void fill_range(Random::State state, const Make& make, float* out, int64_t n) {
  alignas(64) uint32_t words[kBatchWords];
  while (n > 0) {
    const uint64_t first = state.position / kWordsPerBlock;
    generate_batch({state.seed, state.stream, first | Make::kDomain}, words);
    const int offset = static_cast<int>(state.position - first * kWordsPerBlock);
    if (offset == 0 && n >= kBatchWords) {
      make(words, out, kBatchWords);
      out += kBatchWords, n -= kBatchWords, state.position += kBatchWords;
      continue;
    }
    // Ragged start or end: make the whole batch aside and keep the part asked for.
    float aside[kBatchWords];
    make(words, aside, kBatchWords);
    const int count = static_cast<int>(std::min<int64_t>(n, kBatchWords - offset));
    std::copy_n(aside + offset, count, out);
    out += count, n -= count, state.position += static_cast<uint64_t>(count);
  }
}

template <class Make>
void fill_baseline(const Random::State& state, const Make& make, float* out, int64_t n) {
  fill_range(state, make, out, n);
}

#ifdef RECUR_RANDOM_X86
template <class Make>
__attribute__((target("avx2"))) void fill_avx2(const Random::State& state, const Make& make, float* out, int64_t n) {
  fill_range(state, make, out, n);
}
template <class Make>
__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl"))) void fill_avx512(const Random::State& state,
                                                                               const Make& make, float* out,
                                                                               int64_t n) {
  fill_range(state, make, out, n);
}
#endif

template <class Make>
auto best_fill() {
#ifdef RECUR_RANDOM_X86
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return &fill_avx512<Make>;
  }
  if (__builtin_cpu_supports("avx2")) return &fill_avx2<Make>;
#endif
  return &fill_baseline<Make>;
}

template <class Make>
void fill(Random::State& state, const Make& make, std::span<float> out) {
  static const auto chosen = best_fill<Make>();
  parallel_for(static_cast<int64_t>(out.size()), kGrain, [&](int64_t begin, int64_t end) {
    Random::State chunk = state;
    chunk.position += static_cast<uint64_t>(begin);
    chosen(chunk, make, out.data() + begin, end - begin);
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
