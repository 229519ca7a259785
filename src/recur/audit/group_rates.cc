#include "recur/audit/group_rates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "recur/tasks/metrics/ranking.h"

namespace recur {
namespace {

struct Counts {
  int64_t true_positives = 0, false_positives = 0, true_negatives = 0, false_negatives = 0;

  void add(bool actual, bool chosen) {
    ++(chosen ? (actual ? true_positives : false_positives) : (actual ? false_negatives : true_negatives));
  }
  int64_t positives() const { return true_positives + false_negatives; }
  int64_t negatives() const { return false_positives + true_negatives; }
};

GroupRates::Rate share(int64_t part, int64_t whole) {
  if (whole == 0) return {};
  return static_cast<double>(part) / static_cast<double>(whole);
}

// How well probabilities say how often the answer is positive.
class Calibration {
 public:
  void add(double probability, bool actual) {
    const double p = std::clamp(probability, 1e-15, 1 - 1e-15);
    Bin& bin = bins_[std::min(static_cast<size_t>(probability * kBins), kBins - 1)];
    bin.probability += probability;
    bin.actual += actual ? 1 : 0;
    squares_ += std::pow(probability - (actual ? 1 : 0), 2);
    nats_ -= std::log(actual ? p : 1 - p);
    ++count_;
  }
  void write(GroupRates& out) const {
    if (count_ == 0) return;
    double apart = 0;
    for (const Bin& bin : bins_) apart += std::abs(bin.probability - bin.actual);
    const auto n = static_cast<double>(count_);
    out.calibration_error = apart / n;
    out.brier = squares_ / n;
    out.log_loss = nats_ / n;
  }

 private:
  static constexpr size_t kBins = 10;
  struct Bin {
    double probability = 0, actual = 0;  // sums
  };
  std::array<Bin, kBins> bins_{};
  double squares_ = 0, nats_ = 0;
  int64_t count_ = 0;
};

}  // namespace

GroupRates rates_of(const Decisions& decisions, std::span<const int64_t> which) {
  Counts counts;
  Calibration calibration;
  std::vector<Scored> scored;
  int64_t decided = 0, chosen = 0, with_loss = 0;
  double loss = 0;
  for (const int64_t i : which) {
    const Decision& record = decisions.records[static_cast<size_t>(i)];
    if (record.loss) {
      ++with_loss;
      loss += *record.loss;
    }
    if (!record.chosen) continue;
    ++decided;
    chosen += *record.chosen ? 1 : 0;
    if (!record.actual) continue;
    counts.add(*record.actual, *record.chosen);
    if (!record.score) continue;
    scored.push_back({*record.score, *record.actual});
    if (decisions.probabilities) calibration.add(*record.score, *record.actual);
  }
  const int64_t known = counts.positives() + counts.negatives();
  GroupRates out{.records = static_cast<int64_t>(which.size()), .known = known};
  out.base_rate = share(counts.positives(), known);
  out.selection_rate = share(chosen, decided);
  out.true_positive_rate = share(counts.true_positives, counts.positives());
  out.false_positive_rate = share(counts.false_positives, counts.negatives());
  out.true_negative_rate = share(counts.true_negatives, counts.negatives());
  out.false_negative_rate = share(counts.false_negatives, counts.positives());
  out.precision = share(counts.true_positives, counts.true_positives + counts.false_positives);
  out.accuracy = share(counts.true_positives + counts.true_negatives, known);
  out.auc = roc_auc(scored);
  calibration.write(out);
  if (with_loss > 0) out.loss = loss / static_cast<double>(with_loss);
  return out;
}

}  // namespace recur
