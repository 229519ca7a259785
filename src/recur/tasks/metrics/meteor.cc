#include "recur/tasks/metrics/meteor.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <tuple>
#include <utility>
#include <vector>

namespace recur {
namespace {

// An alignment of the first words of a caption. More matches are better, then fewer chunks, then shorter ways.
struct PartAlignment {
  std::vector<bool> used;  // words of the reference
  int64_t last = -2;       // the word of the reference that the last word matches; -2: none
  int64_t matches = 0, chunks = 0, way = 0;

  auto rank() const { return std::tuple(-matches, chunks, way); }
};

constexpr size_t kAlignments = 40;  // that are kept, as METEOR 1.5 does

}  // namespace

MeteorExact::Counts MeteorExact::align(const CaptionWords& caption, const CaptionWords& reference) {
  std::vector<PartAlignment> beam{PartAlignment{.used = std::vector<bool>(reference.size())}};
  for (size_t i = 0; i < caption.size(); ++i) {
    std::vector<PartAlignment> next;
    for (const PartAlignment& each : beam) {
      for (size_t k = 0; k < reference.size(); ++k) {
        if (each.used[k] || reference[k] != caption[i]) continue;
        const auto at = static_cast<int64_t>(k);
        PartAlignment longer = each;
        longer.used[k] = true;
        ++longer.matches;
        if (each.last != at - 1) ++longer.chunks;
        longer.way += std::abs(at - static_cast<int64_t>(i));
        longer.last = at;
        next.push_back(std::move(longer));
      }
      next.push_back(each);
      next.back().last = -2;
    }
    std::ranges::stable_sort(next, {}, &PartAlignment::rank);
    if (next.size() > kAlignments) next.erase(next.begin() + kAlignments, next.end());
    beam = std::move(next);
  }
  return {std::ssize(caption), std::ssize(reference), beam.front().matches, beam.front().chunks};
}

double MeteorExact::Counts::score() const {
  if (matches == 0) return 0;
  constexpr double kAlpha = 0.9, kBeta = 3, kGamma = 0.5;
  const auto matched = static_cast<double>(matches);
  const double precision = matched / static_cast<double>(words),
               recall = matched / static_cast<double>(reference_words);
  const double mean = precision * recall / (kAlpha * precision + (1 - kAlpha) * recall);
  const bool same = matches == words && matches == reference_words && chunks == 1;
  const double broken = same ? 0 : static_cast<double>(chunks) / matched;
  return mean * (1 - kGamma * std::pow(broken, kBeta));
}

double MeteorExact::add(const CaptionWords& caption, std::span<const CaptionWords> references) {
  Counts best;
  double score = -1;
  for (const CaptionWords& each : references) {
    const Counts counts = align(caption, each);
    if (counts.score() <= score) continue;
    best = counts;
    score = counts.score();
  }
  sums_.words += best.words;
  sums_.reference_words += best.reference_words;
  sums_.matches += best.matches;
  sums_.chunks += best.chunks;
  return std::max(score, 0.0);
}

}  // namespace recur
