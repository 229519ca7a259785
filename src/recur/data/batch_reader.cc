#include "recur/data/batch_reader.h"

#include <array>

#include "recur/base/error.h"

namespace recur {

void check(const Shard& shard) {
  if (shard.ranks < 1 || shard.rank < 0 || shard.rank >= shard.ranks) {
    fail("shard: there is no rank {} of {}", shard.rank, shard.ranks);
  }
}

std::vector<int32_t> share_of(const Shard& shard, std::span<const int32_t> batch) {
  std::vector<int32_t> share;
  for (auto row = static_cast<size_t>(shard.rank); row < batch.size(); row += static_cast<size_t>(shard.ranks)) {
    share.push_back(batch[row]);
  }
  return share;
}

// A block of Philox mixes the three into the seed and the stream of a generator.
Random random_of_example(uint64_t seed, int64_t pass, int64_t example) {
  const auto low = [](uint64_t x) { return static_cast<uint32_t>(x); };
  const auto high = [](uint64_t x) { return static_cast<uint32_t>(x >> 32); };
  const auto p = static_cast<uint64_t>(pass), e = static_cast<uint64_t>(example);
  const auto mixed = philox4x32({low(e), high(e), low(p), high(p)}, {low(seed), high(seed)});
  const auto join = [](uint32_t a, uint32_t b) { return uint64_t{a} | uint64_t{b} << 32; };
  return Random(join(mixed[0], mixed[1]), join(mixed[2], mixed[3]));
}

}  // namespace recur
