#include "recur/tasks/classify/ngram_fit.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/random.h"
#include "recur/base/stop.h"
#include "recur/tasks/classify/ngram_adagrad.h"
#include "recur/tasks/classify/ngram_logistic.h"
#include "recur/tasks/hold_out.h"

namespace recur {
namespace {

constexpr int64_t kMostPasses = 8;
constexpr double kStrengths[] = {1, 4, 16, 64};
constexpr int64_t kPassesOfEach = 3, kLogisticPasses = 8;
constexpr NgramChoice kUsual{.passes = 2, .strength = 4};  // where there are too few texts to choose
constexpr int64_t kLeastHeldOut = 50;
constexpr double kHeldOut = 0.1;
constexpr int64_t kLeastBuckets = 1 << 10, kMostWeights = 1 << 21;

// Counted by a bit for each value of the upper 26: a few that are alike do not matter.
int64_t distinct(std::span<const uint32_t> hashes) {
  std::vector<uint64_t> seen(size_t{1} << 20, 0);
  for (const uint32_t hash : hashes) seen[hash >> 12] |= uint64_t{1} << ((hash >> 6) & 63);
  int64_t count = 0;
  for (const uint64_t bits : seen) count += std::popcount(bits);
  return count;
}

int64_t buckets_for(const NgramTexts& texts, int64_t classes) {
  const auto most = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(kMostWeights / classes)));
  const auto wanted = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(distinct(texts.hashes))));
  return std::clamp(wanted, kLeastBuckets, std::max(most, kLeastBuckets));
}

class Orders {
 public:
  Orders(std::vector<int64_t> texts, uint64_t seed) : order_(std::move(texts)), random_(seed, kStream) {}
  std::span<const int64_t> next() {
    check_stop();
    random_.shuffle(std::span(order_));
    return order_;
  }

 private:
  static constexpr uint64_t kStream = 0x6E6772616D;  // none of random_streams.h
  std::vector<int64_t> order_;
  Random random_;
};

int64_t best_passes(const NgramTexts& texts, const HoldOut& parts, int64_t buckets, const NgramFitOptions& options) {
  AdaGradNgrams learner(texts, buckets, options.classes, options.weights);
  learner.begin(parts.train);
  Orders orders(parts.train, options.seed);
  double least = learner.mean_loss(parts.valid);
  int64_t best = 0;
  for (int64_t passes = 1; passes <= kMostPasses; ++passes) {
    learner.pass(orders.next());
    const double loss = learner.mean_loss(parts.valid);
    if (loss >= least) continue;
    least = loss;
    best = passes;
  }
  return best;
}

double best_strength(const NgramTexts& texts, const HoldOut& parts, int64_t buckets, const NgramFitOptions& options) {
  LogisticNgrams learner(texts, buckets, options.classes, options.weights);
  learner.begin(parts.train);
  Orders orders(parts.train, options.seed);
  double least = std::numeric_limits<double>::infinity(), best = kUsual.strength;
  for (const double strength : kStrengths) {
    learner.set_strength(strength);
    for (int64_t pass = 0; pass < kPassesOfEach; ++pass) learner.pass(orders.next());
    const double loss = learner.mean_loss(parts.valid, learner.factor());
    if (loss >= least) continue;
    least = loss;
    best = strength;
  }
  return best;
}

}  // namespace

void check_buckets(int64_t buckets) {
  if (buckets >= 1 && std::has_single_bit(static_cast<uint64_t>(buckets))) return;
  fail_usage("ngrams: expected a power of two, got {}", buckets);
}

NgramChoice choose_ngrams(const NgramTexts& texts, const NgramFitOptions& options) {
  NgramChoice choice = kUsual;
  choice.buckets = options.buckets.value_or(buckets_for(texts, options.classes));
  check_buckets(choice.buckets);
  if (texts.size() < kLeastHeldOut) return choice;
  std::vector<std::string> labels;
  for (const int32_t c : texts.classes) labels.push_back(std::to_string(c));
  const HoldOut parts = hold_out(labels, kHeldOut, options.seed);
  choice.passes = best_passes(texts, parts, choice.buckets, options);
  choice.strength = best_strength(texts, parts, choice.buckets, options);
  return choice;
}

NgramFit fit_ngrams(const NgramTexts& texts, const NgramChoice& choice, const NgramFitOptions& options) {
  const std::vector<int64_t> all = all_of(texts.size());
  AdaGradNgrams from_bayes(texts, choice.buckets, options.classes, options.weights);
  from_bayes.begin(all);
  Orders orders(all, options.seed);
  for (int64_t pass = 0; pass < choice.passes; ++pass) from_bayes.pass(orders.next());
  NgramFit fit{.weights = from_bayes.weights(), .biases = from_bayes.biases()};

  LogisticNgrams logistic(texts, choice.buckets, options.classes, options.weights);
  logistic.begin(all);
  logistic.set_strength(choice.strength);
  for (int64_t pass = 0; pass < kLogisticPasses; ++pass) logistic.pass(orders.next());
  const auto add = [&](std::vector<float>& to, const std::vector<float>& other) {
    const auto factor = static_cast<float>(logistic.factor());
    for (size_t i = 0; i < to.size(); ++i) to[i] = (to[i] + factor * other[i]) / 2;
  };
  add(fit.weights, logistic.weights());
  add(fit.biases, logistic.biases());
  return fit;
}

}  // namespace recur
