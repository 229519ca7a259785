// Endless shuffled batches of the examples of a data set.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/bucket_batcher.h"
#include "recur/data/dataset.h"
#include "recur/data/read_ahead.h"
#include "recur/data/shard.h"

namespace recur {

void check(const Shard& shard);  // throws Error when there is no such rank

// The rows rank, rank + ranks, ... of a batch: all ranks together have what one process would have, in the same
// batches.
std::vector<int32_t> share_of(const Shard& shard, std::span<const int32_t> batch);

// What an example draws from: it depends on the seed, the pass and the example alone, so that it is the same whether
// and how far ahead examples are read, in which batch, and by which rank.
Random random_of_example(uint64_t seed, int64_t pass, int64_t example);

struct BatchReaderOptions {
  BucketOptions batches{};
  int read_ahead = 4;  // batches that are loaded before they are asked for, of data on disk; 0: none
  Shard shard{};
};

// Batches in the order of BucketBatcher: for data in memory with BucketOptions::run 1, for data on disk with kDiskRun
// unless the options say more. Data in memory are loaded when they are asked for, without a thread and, as Loaded
// refers to them, without a copy; of data on disk one thread loads some batches ahead. What next() gives is the same.
// One thread calls it.
template <class Example>
class BatchReader {
 public:
  static constexpr int64_t kDiskRun = 64;

  using Cursor = BucketBatcher::Cursor;
  struct Batch {
    std::vector<int32_t> indices;           // of this rank's examples; none when the batch has fewer than ranks
    std::vector<Loaded<Example>> examples;  // as many
    int64_t whole = 0;                      // examples of all ranks
    bool ends_pass = false;
  };

  // Throws Error for empty data, and when there is no such rank.
  BatchReader(DatasetPtr<Example> data, const BatchReaderOptions& options)
      : data_(std::move(data)),
        options_(with_run(options, *data_)),
        batcher_(lengths_of(*data_), options_.batches),
        per_pass_(batcher_.batches_per_pass()) {
    check(options_.shard);
  }

  // Throws what load() threw, again at every call until set_cursor().
  Batch next() {
    Planned planned = reads_ahead() ? thread().next() : make_here();
    cursor_ = planned.after;
    per_pass_ = planned.per_pass;
    return std::move(planned.batch);
  }

  int64_t batches_per_pass() const { return per_pass_; }
  double epoch() const {  // passes, the share of the running one included
    return static_cast<double>(cursor_.epoch) + static_cast<double>(cursor_.position) / static_cast<double>(per_pass_);
  }

  // The place behind the last batch that next() gave, whatever was read ahead.
  const Cursor& cursor() const { return cursor_; }
  void set_cursor(const Cursor& cursor) {  // throws Error when there is no such batch
    thread_.reset();
    batcher_.set_cursor(cursor);
    cursor_ = cursor;
    per_pass_ = batcher_.batches_per_pass();
  }

  // As it was given, but for BucketOptions::run.
  const BatchReaderOptions& options() const { return options_; }

 private:
  struct Planned {
    Batch batch;
    Cursor after;
    int64_t per_pass = 0;
  };

  static BatchReaderOptions with_run(BatchReaderOptions options, const Dataset<Example>& data) {
    if (!data.in_memory() && options.batches.run <= 1) options.batches.run = kDiskRun;
    return options;
  }

  bool reads_ahead() const { return options_.read_ahead > 0 && !data_->in_memory(); }

  internal::ReadAhead<Planned>& thread() {
    if (!thread_) {
      thread_.emplace(static_cast<size_t>(options_.read_ahead),
                      [this](const std::atomic<bool>& stopping) { return make(stopping); });
    }
    return *thread_;
  }

  Planned make_here() try { return make(never_); } catch (...) {
    batcher_.set_cursor(cursor_);
    throw;
  }

  Planned make(const std::atomic<bool>& stopping) {
    const BucketBatcher::Batch plan = batcher_.next();
    Planned out{.batch = {.indices = share_of(options_.shard, plan.sequences),
                          .examples = {},
                          .whole = std::ssize(plan.sequences),
                          .ends_pass = plan.ends_pass},
                .after = batcher_.cursor(),
                .per_pass = batcher_.batches_per_pass()};
    out.batch.examples.reserve(out.batch.indices.size());
    for (const int32_t i : out.batch.indices) {
      if (stopping) break;
      Random random = random_of_example(options_.batches.seed, out.after.epoch, i);
      out.batch.examples.push_back(data_->load(i, random));
    }
    return out;
  }

  DatasetPtr<Example> data_;
  BatchReaderOptions options_;
  BucketBatcher batcher_;  // the thread's, while there is one
  Cursor cursor_;
  int64_t per_pass_;
  const std::atomic<bool> never_ = false;
  std::optional<internal::ReadAhead<Planned>> thread_;  // last: it uses the others
};

}  // namespace recur
