#include "recur/tasks/classify/presence_path.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "recur/ops/binary.h"
#include "recur/ops/matmul.h"
#include "recur/ops/reshape.h"

namespace recur {
namespace {

using Occurrences = std::map<std::pair<bool, uint32_t>, int64_t>;

// How often each n-gram occurs.
Occurrences occurrences_of(const std::vector<PlacedNgram>& ngrams) {
  Occurrences counts;
  for (const PlacedNgram& each : ngrams) ++counts[{each.is_character, each.hash}];
  return counts;
}

// 1 / the root of how many different ones there are, of words and of characters.
std::array<double, 2> norms_of(const Occurrences& counts) {
  std::array<int64_t, 2> sizes{0, 0};
  for (const auto& [ngram, count] : counts) ++sizes[ngram.first ? 1 : 0];
  const auto norm = [](int64_t size) { return 1 / std::sqrt(static_cast<double>(std::max<int64_t>(size, 1))); };
  return {norm(sizes[0]), norm(sizes[1])};
}

// The number of a word or symbol of the text among those that are read, or -1.
int64_t read_place(int64_t symbol, const EncodedSequence& encoded) {
  if (symbol < encoded.head) return symbol;
  const int64_t left_out = encoded.whole - encoded.steps;
  return symbol >= encoded.head + left_out ? symbol - left_out : -1;
}

}  // namespace

PresencePath::PresencePath(const NgramPath& path, const std::vector<PlacedNgram>& ngrams,
                           const EncodedSequence& encoded, DType dtype) {
  const Occurrences counts = occurrences_of(ngrams);
  const std::array<double, 2> norms = norms_of(counts);
  const auto classes = static_cast<size_t>(path.classes());
  std::vector<double> always = path.biases();
  std::vector<std::vector<double>> sums;  // [n - 1][T - n + 1, C]
  for (const PlacedNgram& each : ngrams) {
    int64_t first = -1, length = 0;  // of what is read of it: places in a row, since those cut out have none
    for (int64_t k = each.begin; k < each.begin + each.length; ++k) {
      const int64_t place = read_place(k, encoded);
      if (place < 0) continue;
      if (length++ == 0) first = place;
    }
    const std::vector<double> weights = path.weights_of(each);
    const double share =
        norms[each.is_character ? 1 : 0] / static_cast<double>(counts.at({each.is_character, each.hash}));
    while (std::ssize(sums) < length) sums.emplace_back();
    if (length > 0) sums[length - 1].resize(static_cast<size_t>(encoded.steps - length + 1) * classes, 0);
    double* to = length > 0 ? &sums[length - 1][static_cast<size_t>(first) * classes] : always.data();
    for (size_t c = 0; c < classes; ++c) to[c] += share * weights[c];
  }
  always_ = Tensor::from(always, {path.classes()}).clone(dtype);
  for (const std::vector<double>& each : sums) {
    const int64_t rows = std::ssize(each) / path.classes();
    weights_.push_back(rows > 0 ? Tensor::from(each, {rows, path.classes()}).clone(dtype) : Tensor());
  }
}

Tensor PresencePath::operator()(const Tensor& there) const {
  Tensor scores = Tensor::zeros({there.size(1), always_.size(0)}, always_.dtype()) + always_;
  for (size_t n = 0; n < weights_.size(); ++n) {
    if (!weights_[n].defined()) continue;
    const int64_t runs = weights_[n].size(0);
    Tensor all = rows(there, 0, runs);
    for (int64_t k = 1; k <= static_cast<int64_t>(n); ++k) all = all * rows(there, k, k + runs);
    scores = scores + matmul(all, weights_[n], {.trans_a = true});
  }
  return scores;
}

}  // namespace recur
