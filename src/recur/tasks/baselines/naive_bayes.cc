#include "recur/tasks/baselines/naive_bayes.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "recur/base/error.h"
#include "recur/tasks/baselines/packed.h"

namespace recur {
namespace {

constexpr size_t kChunk = size_t{1} << 21;  // occurrences that are sorted at a time

uint64_t pair_key(int32_t first, int32_t second) {
  return (static_cast<uint64_t>(static_cast<uint32_t>(first)) + 1) << 32 | static_cast<uint32_t>(second);
}

template <class Visit>
void for_each_key(std::span<const int32_t> symbols, Visit visit) {
  for (size_t i = 0; i < symbols.size(); ++i) {
    visit(static_cast<uint64_t>(static_cast<uint32_t>(symbols[i])));
    if (i > 0) visit(pair_key(symbols[i - 1], symbols[i]));
  }
}

// Counts by key and class, in the order of the keys: new occurrences are sorted a chunk at a time and merged.
class Counts {
 public:
  explicit Counts(size_t classes) : classes_(classes) {}

  void add(uint64_t key, int32_t of_class) {
    fresh_.emplace_back(key, of_class);
    if (fresh_.size() >= kChunk) merge();
  }

  void merge() {
    std::ranges::sort(fresh_);
    std::vector<uint64_t> keys, counts;
    size_t old = 0, at = 0;
    while (old < keys_.size() || at < fresh_.size()) {
      const bool from_old = at == fresh_.size() || (old < keys_.size() && keys_[old] <= fresh_[at].first);
      const uint64_t key = from_old ? keys_[old] : fresh_[at].first;
      keys.push_back(key);
      counts.resize(keys.size() * classes_);
      uint64_t* row = counts.data() + (keys.size() - 1) * classes_;
      if (from_old) std::copy_n(counts_.data() + old++ * classes_, classes_, row);
      for (; at < fresh_.size() && fresh_[at].first == key; ++at) ++row[fresh_[at].second];
    }
    keys_ = std::move(keys);
    counts_ = std::move(counts);
    fresh_.clear();
    if (keys_.size() * classes_ > kChunk) keep(kChunk / 2 / classes_ + 1);
  }

  // The `most` that are most frequent, of equal ones those with the lower keys.
  void keep(size_t most) {
    if (keys_.size() <= most) return;
    std::vector<uint64_t> total(keys_.size());
    for (size_t i = 0; i < total.size(); ++i) {
      const auto row = std::span(counts_).subspan(i * classes_, classes_);
      total[i] = std::accumulate(row.begin(), row.end(), uint64_t{0});
    }
    std::vector<size_t> order(keys_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, std::greater{}, [&](size_t i) { return total[i]; });
    order.resize(most);
    std::ranges::sort(order);
    for (size_t i = 0; i < most; ++i) {
      keys_[i] = keys_[order[i]];
      std::copy_n(counts_.begin() + static_cast<int64_t>(order[i] * classes_), classes_,
                  counts_.begin() + static_cast<int64_t>(i * classes_));
    }
    keys_.resize(most);
    counts_.resize(most * classes_);
  }

  std::vector<uint64_t>& keys() { return keys_; }
  std::vector<uint64_t>& counts() { return counts_; }

 private:
  size_t classes_;
  std::vector<std::pair<uint64_t, int32_t>> fresh_;
  std::vector<uint64_t> keys_, counts_;
};

}  // namespace

NaiveBayes NaiveBayes::fit(int64_t texts, int64_t classes, const std::function<Text(int64_t)>& text,
                           int64_t most_bytes) {
  NaiveBayes bayes;
  bayes.classes_ = classes;
  bayes.texts_.assign(static_cast<size_t>(classes), 0);
  Counts counts(static_cast<size_t>(classes));
  for (int64_t i = 0; i < texts; ++i) {
    const Text each = text(i);
    ++bayes.texts_[static_cast<size_t>(each.of_class)];
    for_each_key(each.symbols, [&](uint64_t key) { counts.add(key, each.of_class); });
  }
  counts.merge();
  constexpr int64_t kKeyBytes = 5;
  counts.keep(static_cast<size_t>(std::max<int64_t>(most_bytes / (kKeyBytes + classes), 1)));
  bayes.keys_ = std::move(counts.keys());
  bayes.counts_ = std::move(counts.counts());
  bayes.finish();
  return bayes;
}

void NaiveBayes::finish() {
  totals_.assign(static_cast<size_t>(classes_), static_cast<double>(keys_.size()));
  for (size_t i = 0; i < counts_.size(); ++i) totals_[i % totals_.size()] += static_cast<double>(counts_[i]);
}

std::vector<double> NaiveBayes::scores(std::span<const int32_t> symbols) const {
  const auto classes = static_cast<size_t>(classes_);
  std::vector<double> scores(classes);
  for (size_t c = 0; c < classes; ++c) scores[c] = std::log(static_cast<double>(texts_[c]));
  for_each_key(symbols, [&](uint64_t key) {
    const auto found = std::ranges::lower_bound(keys_, key);
    if (found == keys_.end() || *found != key) return;
    const auto row = static_cast<size_t>(found - keys_.begin()) * classes;
    for (size_t c = 0; c < classes; ++c) {
      scores[c] += std::log((static_cast<double>(counts_[row + c]) + 1) / totals_[c]);
    }
  });
  return scores;
}

int32_t NaiveBayes::predict(std::span<const int32_t> symbols) const {
  const std::vector<double> all = scores(symbols);
  return static_cast<int32_t>(std::ranges::max_element(all) - all.begin());
}

// The texts of each class; then each key, less the one before, and its counts.
std::string NaiveBayes::to_text() const {
  std::vector<uint64_t> numbers = texts_;
  const auto classes = static_cast<size_t>(classes_);
  for (size_t i = 0; i < keys_.size(); ++i) {
    numbers.push_back(keys_[i] - (i > 0 ? keys_[i - 1] : 0));
    const auto row = std::span(counts_).subspan(i * classes, classes);
    numbers.insert(numbers.end(), row.begin(), row.end());
  }
  return pack(numbers);
}

NaiveBayes NaiveBayes::from_text(std::string_view text, int64_t classes) {
  const std::vector<uint64_t> numbers = unpack(text);
  const auto C = static_cast<size_t>(classes);
  if (numbers.size() < C || (numbers.size() - C) % (C + 1) != 0) {
    fail("naive Bayes: {} numbers do not fit {} classes", numbers.size(), classes);
  }
  NaiveBayes bayes;
  bayes.classes_ = classes;
  bayes.texts_.assign(numbers.begin(), numbers.begin() + static_cast<int64_t>(C));
  uint64_t key = 0;
  for (size_t at = C; at < numbers.size(); at += C + 1) {
    if (at > C && (numbers[at] == 0 || key > UINT64_MAX - numbers[at])) fail("naive Bayes: the keys do not ascend");
    key += numbers[at];
    bayes.keys_.push_back(key);
    for (size_t c = 1; c <= C; ++c) bayes.counts_.push_back(numbers[at + c]);
  }
  bayes.finish();
  return bayes;
}

}  // namespace recur
