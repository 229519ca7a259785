// One process among those that train together.
#pragma once

namespace recur {

// Rank r of R takes the examples r, r + R, r + 2 R, ... of every batch, so that all together see what one process
// would. One process alone is rank 0 of 1.
struct Shard {
  int rank = 0;
  int ranks = 1;

  bool operator==(const Shard&) const = default;
};

}  // namespace recur
