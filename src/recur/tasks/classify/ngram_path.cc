#include "recur/tasks/classify/ngram_path.h"

#include <algorithm>
#include <utility>

#include "recur/base/error.h"
#include "recur/tasks/classify/ngram_texts.h"

namespace recur {

NgramPath::NgramPath(int64_t buckets, int64_t classes)
    : weight_(Tensor::zeros({classes, buckets})), bias_(Tensor::zeros({classes})) {
  check_buckets(buckets);
  register_buffer("weight", weight_);
  register_buffer("bias", bias_);
  register_buffer("mix", mix_.factors());
}

void NgramPath::set(const NgramFit& fit) {
  const int64_t C = classes(), B = buckets();
  if (std::ssize(fit.weights) != C * B || std::ssize(fit.biases) != C) {
    fail("ngrams: expected {} weights and {} biases, got {} and {}", C * B, C, fit.weights.size(), fit.biases.size());
  }
  float* to = weight_.data<float>();
  for (int64_t b = 0; b < B; ++b) {
    for (int64_t c = 0; c < C; ++c) to[c * B + b] = fit.weights[b * C + c];
  }
  std::ranges::copy(fit.biases, bias_.data<float>());
}

void NgramPath::add_scores(const TextNgrams& ngrams, std::span<double> out) const {
  const int64_t B = buckets();
  const auto mask = static_cast<uint32_t>(B - 1);
  const double of_word = value_of_words(std::ssize(ngrams.words));
  const double of_character = value_of_characters(std::ssize(ngrams.characters));
  dispatch_float("ngrams", weight_.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T* row = std::as_const(weight_).data<T>();
    for (size_t c = 0; c < out.size(); ++c, row += B) {
      double words = 0, characters = 0;
      for (const uint32_t hash : ngrams.words) words += double{row[hash & mask]};
      for (const uint32_t hash : ngrams.characters) characters += double{row[hash & mask]};
      out[c] += double{std::as_const(bias_).data<T>()[c]} + words * of_word + characters * of_character;
    }
  });
}

std::vector<double> NgramPath::weights_of(const PlacedNgram& ngram) const {
  const int64_t B = buckets(), at = ngram.hash & static_cast<uint32_t>(B - 1);
  std::vector<double> out(static_cast<size_t>(classes()));
  dispatch_float("ngrams", weight_.dtype(), [&](auto zero) {
    const auto* row = std::as_const(weight_).data<decltype(zero)>() + at;
    for (size_t c = 0; c < out.size(); ++c, row += B)
      out[c] = (ngram.is_character ? value_of_characters(1) : value_of_words(1)) * double{*row};
  });
  return out;
}

std::vector<double> NgramPath::biases() const {
  const Tensor bias = bias_.clone(DType::kF64);
  const auto values = std::as_const(bias).values<double>();
  return {values.begin(), values.end()};
}

}  // namespace recur
