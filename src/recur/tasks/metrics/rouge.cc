#include "recur/tasks/metrics/rouge.h"

#include <algorithm>
#include <vector>

namespace recur {
namespace {

double common_subsequence(const CaptionWords& a, const CaptionWords& b) {
  std::vector<int> before(b.size() + 1), now(b.size() + 1);
  for (const std::string& word : a) {
    for (size_t k = 0; k < b.size(); ++k) now[k + 1] = word == b[k] ? before[k] + 1 : std::max(before[k + 1], now[k]);
    std::swap(before, now);
  }
  return before.back();
}

}  // namespace

double rouge_l(const CaptionWords& caption, std::span<const CaptionWords> references) {
  constexpr double kBeta = 1.2;
  double precision = 0, recall = 0;
  for (const CaptionWords& each : references) {
    const double common = common_subsequence(caption, each);
    if (common == 0) continue;
    precision = std::max(precision, common / static_cast<double>(caption.size()));
    recall = std::max(recall, common / static_cast<double>(each.size()));
  }
  if (precision == 0) return 0;
  return (1 + kBeta * kBeta) * precision * recall / (recall + kBeta * kBeta * precision);
}

}  // namespace recur
