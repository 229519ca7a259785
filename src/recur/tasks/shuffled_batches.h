// The position of a training run in shuffled data, and the random numbers of its dropout: everything that a step
// depends on besides the model.
#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/batch_reader.h"
#include "recur/data/dataset.h"
#include "recur/io/checkpoint.h"
#include "recur/tasks/training.h"

namespace recur {

namespace internal {
// Of the order of batches, which follows from that of the run.
uint64_t order_seed(const TrainingStart& start);
// Each process draws masks of its own.
Random dropout_numbers(const TrainingStart& start);

// What tells data from others, and the place in them, under names that begin with "task.".
struct DataSize {
  int64_t sequences = 0, steps = 0;  // of a pass
};
void save_place(StateWriter& state, const DataSize& size, const BucketBatcher::Cursor& place, const Random& dropout);
// Throws Error when the data are not those that were saved.
BucketBatcher::Cursor load_place(const StateReader& state, const DataSize& size, Random& dropout);
}  // namespace internal

template <class Example>
class ShuffledBatches {
 public:
  // Of `options` the seed is replaced by one that follows from that of `start`.
  ShuffledBatches(DatasetPtr<Example> data, BucketOptions options, const TrainingStart& start)
      : data_(std::move(data)), size_(size_of(*data_)), dropout_(internal::dropout_numbers(start)) {
    options.seed = internal::order_seed(start);
    reader_ =
        std::make_unique<BatchReader<Example>>(data_, BatchReaderOptions{.batches = options, .shard = start.shard});
  }

  // The examples that are this process's share of the next batch. A batch with fewer examples than there are processes
  // leaves some without: these take the first one of the data, which does not count.
  struct Batch {
    std::vector<int32_t> indices;           // into the data
    std::vector<Loaded<Example>> examples;  // as many
    int64_t counted = 0;                    // as many, or 0 for one that does not count
    bool ends_pass = false;
  };
  Batch next() {
    typename BatchReader<Example>::Batch share = reader_->next();
    Batch batch{.indices = std::move(share.indices),
                .examples = std::move(share.examples),
                .counted = 0,
                .ends_pass = share.ends_pass};
    batch.counted = std::ssize(batch.indices);
    if (batch.indices.empty()) {
      batch.indices = {0};
      batch.examples = load_examples(*data_, batch.indices);
    }
    return batch;
  }
  Random& dropout() { return dropout_; }

  int64_t batches_per_pass() const { return reader_->batches_per_pass(); }
  double epoch() const { return reader_->epoch(); }

  void save(StateWriter& state) const { internal::save_place(state, size_, reader_->cursor(), dropout_); }
  // Throws Error when the data are not those that were saved.
  void load(const StateReader& state) { reader_->set_cursor(internal::load_place(state, size_, dropout_)); }

 private:
  static internal::DataSize size_of(const Dataset<Example>& data) {
    const std::vector<int64_t> lengths = lengths_of(data);
    return {std::ssize(lengths), std::accumulate(lengths.begin(), lengths.end(), int64_t{0})};
  }

  DatasetPtr<Example> data_;
  internal::DataSize size_;
  Random dropout_;
  std::unique_ptr<BatchReader<Example>> reader_;  // it stays where it is when this is moved
};

// A default number of passes: enough steps for a small data set, and not too many for a large one.
double usual_epochs(int64_t batches_per_pass);

}  // namespace recur
