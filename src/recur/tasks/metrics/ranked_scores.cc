#include "recur/tasks/metrics/ranked_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>
#include <utility>

#include "recur/base/error.h"
#include "recur/data/files/scratch_file.h"

namespace recur {
namespace {

constexpr int64_t kLeast = 1024;         // things that are always in memory
constexpr int64_t kPieceRows = 1 << 14;  // of each piece in memory when they are merged

bool higher(const Scored& a, const Scored& b) { return a.score > b.score; }

// One of the pieces that are merged, read from its begin to its end.
class SortedPiece {
 public:
  SortedPiece(const RowStore<double>& rows, int64_t begin, int64_t end) : rows_(rows), next_(begin), end_(end) {}

  bool advance() {
    if (at_ >= values_.size()) {
      if (next_ == end_) return false;
      const int64_t until = std::min(next_ + kPieceRows, end_);
      values_ = rows_.read(next_, until, room_);
      next_ = until;
      at_ = 0;
    }
    thing_ = {values_[at_], values_[at_ + 1] != 0};
    at_ += 2;
    return true;
  }
  const Scored& thing() const { return thing_; }

 private:
  const RowStore<double>& rows_;
  int64_t next_, end_;
  std::vector<double> room_;
  std::span<const double> values_;
  size_t at_ = 0;
  Scored thing_;
};

struct Group {
  double score = 0;
  int64_t positive = 0, negative = 0;
};

// Calls visit(before, group) for each group of equal scores, the highest first.
template <class Visit>
void for_each_group_of(RankedScores& scores, const Visit& visit) {
  Group before, group;
  const auto close = [&] {
    if (group.positive + group.negative == 0) return;
    visit(before, group);
    before.positive += group.positive;
    before.negative += group.negative;
  };
  scores.highest_first([&](const Scored& thing) {
    if (thing.score != group.score) {
      close();
      group = {.score = thing.score};
    }
    ++(thing.positive ? group.positive : group.negative);
  });
  close();
}

}  // namespace

RankedScores::RankedScores(int64_t memory_bytes) {
  const int64_t bytes = memory_bytes > 0 ? memory_bytes : usual_memory_bytes() / 2;
  most_ = static_cast<size_t>(std::max<int64_t>(bytes / static_cast<int64_t>(sizeof(Scored)), kLeast));
}

void RankedScores::add(double score, bool positive) {
  if (!std::isfinite(score)) {
    fail("score {}: expected a finite number, got {}", size_ + 1, std::isnan(score) ? "NaN" : "an infinite one");
  }
  ++size_;
  positives_ += positive ? 1 : 0;
  recent_.push_back({score, positive});
  if (recent_.size() >= most_) spill();
}

void RankedScores::spill() {
  if (!spilled_) {
    spilled_ = std::make_unique<RowStore<double>>(
        RowStoreOptions{.width = 2, .purpose = "scores: cannot sort them", .memory_bytes = 1});
  }
  std::ranges::sort(recent_, higher);
  pieces_.push_back(spilled_->rows());
  std::vector<double> rows;
  for (size_t i = 0; i < recent_.size(); ++i) {
    rows.insert(rows.end(), {recent_[i].score, recent_[i].positive ? 1.0 : 0.0});
    if (std::ssize(rows) < 2 * kPieceRows && i + 1 < recent_.size()) continue;
    spilled_->append(rows);
    rows.clear();
  }
  recent_.clear();
}

void RankedScores::highest_first(const Visitor& visit) {
  if (!spilled_) {
    std::ranges::sort(recent_, higher);
    for (const Scored& thing : recent_) visit(thing);
    return;
  }
  if (!recent_.empty()) {
    spill();
    recent_ = {};
  }
  std::vector<SortedPiece> pieces;
  for (size_t k = 0; k < pieces_.size(); ++k) {
    pieces.emplace_back(*spilled_, pieces_[k], k + 1 < pieces_.size() ? pieces_[k + 1] : spilled_->rows());
  }
  const auto lower = [&](size_t a, size_t b) { return pieces[a].thing().score < pieces[b].thing().score; };
  std::priority_queue<size_t, std::vector<size_t>, decltype(lower)> next(lower);
  for (size_t k = 0; k < pieces.size(); ++k) {
    if (pieces[k].advance()) next.push(k);
  }
  while (!next.empty()) {
    const size_t k = next.top();
    next.pop();
    visit(pieces[k].thing());
    if (pieces[k].advance()) next.push(k);
  }
}

std::optional<double> RankedScores::roc_auc() {
  const int64_t negatives = size_ - positives_;
  if (positives_ == 0 || negatives == 0) return std::nullopt;
  double won = 0;  // pairs of a negative and a positive above it
  for_each_group_of(*this, [&](const Group& before, const Group& group) {
    won += static_cast<double>(group.negative) *
           (static_cast<double>(before.positive) + static_cast<double>(group.positive) / 2);
  });
  return won / static_cast<double>(positives_) / static_cast<double>(negatives);
}

std::optional<double> RankedScores::average_precision() {
  if (positives_ == 0) return std::nullopt;
  double sum = 0;
  for_each_group_of(*this, [&](const Group& before, const Group& group) {
    const int64_t found = before.positive + group.positive;
    const int64_t taken = found + before.negative + group.negative;
    sum += static_cast<double>(group.positive) * static_cast<double>(found) / static_cast<double>(taken);
  });
  return sum / static_cast<double>(positives_);
}

std::optional<double> RankedScores::best_f1_threshold() {
  if (positives_ == 0) return std::nullopt;
  double best = 0, threshold = 0, last = 0;
  bool open = false;  // the best group's threshold lies halfway to the next one
  for_each_group_of(*this, [&](const Group& before, const Group& group) {
    if (open) threshold = std::midpoint(last, group.score);
    const auto hits = static_cast<double>(before.positive + group.positive);
    const auto taken = hits + static_cast<double>(before.negative + group.negative);
    const double f1 = 2 * hits / (taken + static_cast<double>(positives_));
    open = f1 > best;
    best = std::max(best, f1);
    last = group.score;
  });
  return open ? last - 1 : threshold;
}

double RankedScores::quantile(double share) {
  const double at = share * static_cast<double>(size_ - 1);
  const auto below = static_cast<int64_t>(at);
  const int64_t above = std::min(below + 1, size_ - 1);
  double low = 0, high = 0;
  int64_t rank = size_ - 1;  // the highest has the last one
  highest_first([&](const Scored& thing) {
    if (rank == below) low = thing.score;
    if (rank == above) high = thing.score;
    --rank;
  });
  return low + (at - static_cast<double>(below)) * (high - low);
}

}  // namespace recur
