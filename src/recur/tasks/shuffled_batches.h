// The place of a training run in data that it reads in random order, with the random numbers of its dropout: all that
// decides a step besides the model.
#pragma once

#include <cstdint>
#include <vector>

#include "recur/base/random.h"
#include "recur/data/bucket_batcher.h"
#include "recur/io/checkpoint.h"

namespace recur {

class ShuffledBatches {
 public:
  // lengths of the sequences; of `options` the seed is replaced by one that follows from `seed`.
  ShuffledBatches(std::vector<int64_t> lengths, BucketOptions options, uint64_t seed);

  BucketBatcher::Batch next() { return batcher_.next(); }
  Random& dropout() { return dropout_; }

  int64_t batches_per_pass() const { return batcher_.batches_per_pass(); }
  double epoch() const { return batcher_.epoch(); }

  // Under names that begin with "task.". load() throws Error when the data are not those that were saved.
  void save(StateWriter& state) const;
  void load(const StateReader& state);

 private:
  int64_t sequences_, steps_;  // of a pass
  BucketBatcher batcher_;
  Random dropout_;
};

// Passes that give about enough steps for a small data set and are not too many for a large one.
double usual_epochs(int64_t batches_per_pass);

}  // namespace recur
