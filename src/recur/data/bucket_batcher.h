// Batches of sequences of different lengths: sequences of about the same length go together, so that little of a batch
// is padding, and yet every pass over the data is in another order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace recur {

struct BucketOptions {
  int64_t batch = 32;                     // B, most sequences of a batch
  int64_t most_steps = int64_t{1} << 20;  // T times B of a batch, padding included, unless a single sequence has more
  int64_t pool = 50;                      // batches' worth of sequences that are sorted by length together
  int64_t run = 1;                        // neighbouring sequences that come into one pool, for data on disk
  uint64_t seed = 1;
};

// Endless batches of sequence numbers. Each pass draws a random order, sorts each pool of it by length, cuts it into
// batches and takes these in random order. A pass depends on the seed and its number alone.
//
// With runs of several sequences the order is by windows, so that a disk reads from few places at a time: the runs of
// neighbours come in random order; a pool is made of whole runs, whose sequences are mixed and cut into batches as
// above; and the batches of a pool, in random order among themselves, all come before those of the next.
class BucketBatcher {
 public:
  struct Cursor {
    int64_t epoch = 0;     // passes completed
    int64_t position = 0;  // batches of this pass that were given out

    bool operator==(const Cursor&) const = default;
  };
  struct Batch {
    std::span<const int32_t> sequences;  // valid until the next call
    bool ends_pass = false;
  };

  // Throws Error without sequences.
  BucketBatcher(std::vector<int64_t> lengths, const BucketOptions& options);

  Batch next();

  int64_t batches_per_pass() const { return static_cast<int64_t>(batches_.size()); }
  double epoch() const;  // passes, the share of the running one included

  const Cursor& cursor() const { return cursor_; }
  void set_cursor(const Cursor& cursor);  // throws Error when there is no such batch

 private:
  void plan();

  std::vector<int64_t> lengths_;
  BucketOptions options_;
  Cursor cursor_;
  std::vector<std::vector<int32_t>> batches_;
};

// Every sequence once, the shortest first: for evaluation.
std::vector<std::vector<int32_t>> batches_by_length(const std::vector<int64_t>& lengths, const BucketOptions& options);

}  // namespace recur
