#include "recur/tasks/classify/ngram_path.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "recur/base/error.h"
#include "recur/base/random.h"
#include "recur/base/stop.h"
#include "recur/tasks/classify/log_sum.h"
#include "recur/tasks/hold_out.h"

namespace recur {
namespace {

constexpr double kCharacterShare = 0.5;
constexpr float kRate = 0.1f, kBiasRate = 0.001f;
constexpr int64_t kMostNgramPasses = 8, kUsualPasses = 2;
constexpr int64_t kLeastBuckets = 1 << 10, kMostWeights = 1 << 21;
constexpr int64_t kLeastHeldOut = 50;  // of fewer texts none are held out: kUsualPasses
constexpr double kHeldOut = 0.1;

void check_buckets(int64_t buckets) {
  if (buckets >= 1 && std::has_single_bit(static_cast<uint64_t>(buckets))) return;
  fail_usage("ngrams: expected a power of two, got {}", buckets);
}

// The weights of n-grams as they are learnt: rows of classes, so that a text touches few places.
class Learner {
 public:
  Learner(const NgramTexts& texts, int64_t buckets, const NgramFitOptions& options)
      : texts_(texts),
        mask_(static_cast<uint32_t>(buckets - 1)),
        classes_(static_cast<size_t>(options.classes)),
        weight_of_(options.weights),
        weights_(static_cast<size_t>(buckets * options.classes), 0),
        squares_(weights_.size(), 1e-8f),
        bias_(classes_, 0),
        scores_(classes_) {}

  // The log-odds of naive Bayes against the mean of the classes.
  void begin(std::span<const int64_t> which) {
    std::vector<double> counts(classes_, 0), totals(classes_, 0);
    for (const int64_t i : which) {
      const auto c = static_cast<size_t>(texts_.classes[i]);
      counts[c] += weight_of(i);
      for_each(i, [&](float* row, double) { ++row[c]; });
    }
    for (size_t at = 0; at < weights_.size(); at += classes_) {
      if (!is_used(at)) continue;
      for (size_t c = 0; c < classes_; ++c) totals[c] += weights_[at + c] + 1;
    }
    for (size_t at = 0; at < weights_.size(); at += classes_) {
      if (is_used(at)) make_odds({&weights_[at], classes_}, totals);
    }
    for (size_t c = 0; c < classes_; ++c) bias_[c] = static_cast<float>(std::log(std::max(counts[c], 0.5)));
    const float mean = std::accumulate(bias_.begin(), bias_.end(), 0.0f) / static_cast<float>(classes_);
    for (float& each : bias_) each -= mean;
  }

  void pass(std::span<const int64_t> order) {
    for (const int64_t i : order) learn(i);
  }

  double mean_loss(std::span<const int64_t> which) {
    double sum = 0, weights = 0;
    for (const int64_t i : which) {
      score(i);
      sum += weight_of(i) * (log_sum(scores_) - scores_[static_cast<size_t>(texts_.classes[i])]);
      weights += weight_of(i);
    }
    return sum / weights;
  }

  std::vector<float>& weights() { return weights_; }
  std::vector<float>& bias() { return bias_; }

 private:
  double weight_of(int64_t i) const { return weight_of_.empty() ? 1 : weight_of_[static_cast<size_t>(i)]; }

  // Calls visit(row, value of the feature) for each n-gram of a text.
  template <class Visit>
  void for_each(int64_t i, Visit visit) {
    const int64_t begin = i > 0 ? texts_.ends[i - 1] : 0, middle = texts_.word_ends[i], end = texts_.ends[i];
    const double of_word = 1 / std::sqrt(static_cast<double>(std::max<int64_t>(middle - begin, 1)));
    const double of_character = kCharacterShare / std::sqrt(static_cast<double>(std::max<int64_t>(end - middle, 1)));
    for (int64_t k = begin; k < end; ++k) {
      visit(&weights_[(texts_.hashes[k] & mask_) * classes_], k < middle ? of_word : of_character);
    }
  }

  bool is_used(size_t at) const {
    const auto row = weights_.begin() + static_cast<int64_t>(at);
    return std::any_of(row, row + static_cast<int64_t>(classes_), [](float count) { return count > 0; });
  }

  static void make_odds(std::span<float> row, std::span<const double> totals) {
    float mean = 0;
    for (size_t c = 0; c < row.size(); ++c) {
      row[c] = static_cast<float>(std::log((row[c] + 1) / totals[c]));
      mean += row[c] / static_cast<float>(row.size());
    }
    for (float& each : row) each -= mean;
  }

  void score(int64_t i) {
    std::ranges::copy(bias_, scores_.begin());
    for_each(i, [&](const float* row, double value) {
      for (size_t c = 0; c < classes_; ++c) scores_[c] += row[c] * value;
    });
  }

  void learn(int64_t i) {
    score(i);
    const double all = log_sum(scores_);
    for (size_t c = 0; c < classes_; ++c) {
      scores_[c] = std::exp(scores_[c] - all) - (c == static_cast<size_t>(texts_.classes[i]) ? 1 : 0);
      scores_[c] *= weight_of(i);
      bias_[c] -= kBiasRate * static_cast<float>(scores_[c]);
    }
    for_each(i, [&](float* row, double value) {
      float* squares = &squares_[static_cast<size_t>(row - weights_.data())];
      for (size_t c = 0; c < classes_; ++c) {
        const auto gradient = static_cast<float>(scores_[c] * value);
        squares[c] += gradient * gradient;
        row[c] -= kRate * gradient / std::sqrt(squares[c]);
      }
    });
  }

  const NgramTexts& texts_;
  const uint32_t mask_;
  const size_t classes_;
  const std::vector<float> weight_of_;    // of each text in the loss; empty: all 1
  std::vector<float> weights_, squares_;  // [buckets, C]; of the gradients, added up
  std::vector<float> bias_;
  std::vector<double> scores_;
};

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

int64_t best_passes(const NgramTexts& texts, int64_t buckets, const NgramFitOptions& options) {
  if (texts.size() < kLeastHeldOut) return kUsualPasses;
  std::vector<std::string> labels;
  for (const int32_t c : texts.classes) labels.push_back(std::to_string(c));
  const HoldOut parts = hold_out(labels, kHeldOut, options.seed);
  Learner learner(texts, buckets, options);
  learner.begin(parts.train);
  Orders orders(parts.train, options.seed);
  double least = learner.mean_loss(parts.valid);
  int64_t best = 0;
  for (int64_t passes = 1; passes <= kMostNgramPasses; ++passes) {
    learner.pass(orders.next());
    const double loss = learner.mean_loss(parts.valid);
    if (loss < least) {
      least = loss;
      best = passes;
    }
  }
  return best;
}

}  // namespace

void NgramTexts::add(const TextNgrams& ngrams, int32_t of_class) {
  hashes.insert(hashes.end(), ngrams.words.begin(), ngrams.words.end());
  word_ends.push_back(std::ssize(hashes));
  hashes.insert(hashes.end(), ngrams.characters.begin(), ngrams.characters.end());
  ends.push_back(std::ssize(hashes));
  classes.push_back(of_class);
}

NgramFit fit_ngrams(const NgramTexts& texts, const NgramFitOptions& options) {
  NgramFit fit{.buckets = options.buckets.value_or(buckets_for(texts, options.classes)), .weights = {}, .bias = {}};
  check_buckets(fit.buckets);
  fit.passes = best_passes(texts, fit.buckets, options);
  Learner learner(texts, fit.buckets, options);
  learner.begin(all_of(texts.size()));
  Orders orders(all_of(texts.size()), options.seed);
  for (int64_t pass = 0; pass < fit.passes; ++pass) learner.pass(orders.next());
  fit.weights = std::move(learner.weights());
  fit.bias = std::move(learner.bias());
  return fit;
}

NgramPath::NgramPath(int64_t buckets, int64_t classes)
    : weight_(Tensor::zeros({classes, buckets})), bias_(Tensor::zeros({classes})) {
  check_buckets(buckets);
  register_buffer("weight", weight_);
  register_buffer("bias", bias_);
  register_buffer("mix", mix_.factors());
}

void NgramPath::set(std::span<const float> weights, std::span<const float> bias) {
  const int64_t C = classes(), B = buckets();
  if (std::ssize(weights) != C * B || std::ssize(bias) != C) {
    fail("ngrams: expected {} weights and {} biases, got {} and {}", C * B, C, weights.size(), bias.size());
  }
  float* to = weight_.data<float>();
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t c = 0; c < C; ++c) to[c * B + b] = weights[b * C + c];
  }
  std::ranges::copy(bias, bias_.data<float>());
}

void NgramPath::add_scores(const TextNgrams& ngrams, std::span<double> out) const {
  const int64_t B = buckets();
  const auto mask = static_cast<uint32_t>(B - 1);
  const auto root = [](size_t count) { return std::sqrt(static_cast<double>(std::max<size_t>(count, 1))); };
  dispatch_float("ngrams", weight_.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* row = std::as_const(weight_).data<T>();
    for (size_t c = 0; c < out.size(); ++c, row += B) {
      double words = 0, characters = 0;
      for (const uint32_t hash : ngrams.words) words += double{row[hash & mask]};
      for (const uint32_t hash : ngrams.characters) characters += double{row[hash & mask]};
      out[c] += double{std::as_const(bias_).data<T>()[c]} + words / root(ngrams.words.size()) +
                kCharacterShare * characters / root(ngrams.characters.size());
    }
  });
}

std::vector<double> NgramPath::weights_of(const PlacedNgram& ngram) const {
  const int64_t B = buckets(), at = ngram.hash & static_cast<uint32_t>(B - 1);
  std::vector<double> out(static_cast<size_t>(classes()));
  dispatch_float("ngrams", weight_.dtype(), [&](auto zero) {
    const auto* row = std::as_const(weight_).data<decltype(zero)>() + at;
    for (size_t c = 0; c < out.size(); ++c, row += B)
      out[c] = (ngram.is_character ? kCharacterShare : 1) * double{*row};
  });
  return out;
}

std::vector<double> NgramPath::biases() const {
  const Tensor bias = bias_.clone(DType::kF64);
  const auto values = std::as_const(bias).values<double>();
  return {values.begin(), values.end()};
}

}  // namespace recur
