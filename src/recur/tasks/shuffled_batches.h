// The position of a training run in shuffled data, and the random numbers of its dropout: everything that a step
// depends on besides the model.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/bucket_batcher.h"
#include "recur/io/checkpoint.h"
#include "recur/tasks/training.h"

namespace recur {

class ShuffledBatches {
 public:
  // lengths of the sequences; of `options` the seed is replaced by one that follows from that of `start`.
  ShuffledBatches(std::vector<int64_t> lengths, BucketOptions options, const TrainingStart& start);

  // The sequences that are this process's share of the next batch. A batch with fewer sequences than there are
  // processes leaves some without: these take its first one, which does not count.
  struct Batch {
    std::vector<int32_t> sequences;
    int64_t counted = 0;  // sequences, or 0 for one that does not count
    bool ends_pass = false;
  };
  Batch next();
  Random& dropout() { return dropout_; }

  int64_t batches_per_pass() const { return batcher_.batches_per_pass(); }
  double epoch() const { return batcher_.epoch(); }

  // Under names that begin with "task.". load() throws Error when the data are not those that were saved.
  void save(StateWriter& state) const;
  void load(const StateReader& state);

 private:
  int64_t sequences_, steps_;  // of a pass
  Shard shard_;
  BucketBatcher batcher_;
  Random dropout_;
};

// A default number of passes: enough steps for a small data set, and not too many for a large one.
double usual_epochs(int64_t batches_per_pass);

}  // namespace recur
