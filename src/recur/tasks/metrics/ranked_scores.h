// Ranking metrics of more scores than fit into memory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "recur/data/files/byte_limits.h"
#include "recur/data/row_store.h"
#include "recur/tasks/metrics/ranking.h"

namespace recur {

// Scores in order, whatever order they are added in: sorted in memory up to a limit, beyond it in pieces on disk that
// are merged. Metrics are those of ranking.h to the same bits.
class RankedScores {
 public:
  explicit RankedScores(int64_t memory_bytes = 0);  // 0: half of usual_memory_bytes()

  void add(double score, bool positive);  // throws Error for a score that is not finite
  int64_t size() const { return size_; }
  int64_t positives() const { return positives_; }

  // Calls visit(thing) for each, the highest first. None may be added after it.
  using Visitor = std::function<void(const Scored&)>;
  void highest_first(const Visitor& visit);

  std::optional<double> roc_auc();
  std::optional<double> average_precision();
  std::optional<double> best_f1_threshold();
  // As quantile() of base/quantile.h; there must be scores.
  double quantile(double share);

 private:
  void spill();

  size_t most_;  // in memory
  int64_t size_ = 0, positives_ = 0;
  std::vector<Scored> recent_;
  std::vector<int64_t> pieces_;                // of each its first row, each sorted
  std::unique_ptr<RowStore<double>> spilled_;  // a row: the score, and 1 for a positive
};

}  // namespace recur
