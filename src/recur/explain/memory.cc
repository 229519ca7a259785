#include "recur/explain/memory.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "recur/autograd/grad.h"
#include "recur/ops/reshape.h"
#include "recur/ops/sum.h"

namespace recur {

int64_t MemoryCurve::steps_of(double share) const {
  const double all = std::accumulate(norms.begin(), norms.end(), 0.0);
  double sum = 0;
  for (size_t k = 0; k < norms.size(); ++k) {
    sum += norms[k];
    if (all > 0 && sum >= share * all) return static_cast<int64_t>(k) + 1;
  }
  return 0;
}

MemoryCurve memory_of(const Explainable& record) {
  const ReadRecord& read = record.read();
  const int64_t steps = read.steps(), features = read.features();
  Tensor x = reshape(read.x, {steps, 1, features}).clone();
  x.set_requires_grad();
  const Tensor gradient = grad(sum(record.score(x)), x).clone(DType::kF64);
  const auto values = std::as_const(gradient).values<double>();
  std::vector<double> norms;
  int64_t last = -1;
  for (int64_t t = 0; t < steps; ++t) {
    const auto at = values.subspan(static_cast<size_t>(t * features), static_cast<size_t>(features));
    norms.push_back(std::sqrt(std::inner_product(at.begin(), at.end(), at.begin(), 0.0)));
    if (norms.back() > 0) last = t;
  }
  norms.resize(static_cast<size_t>(last + 1));
  std::ranges::reverse(norms);
  return {.norms = std::move(norms), .last_step = std::max<int64_t>(last, 0)};
}

MemoryCurve mean_curve(const std::vector<MemoryCurve>& curves) {
  MemoryCurve out;
  for (const MemoryCurve& each : curves) {
    const double all = std::accumulate(each.norms.begin(), each.norms.end(), 0.0);
    if (!(all > 0)) continue;
    if (each.norms.size() > out.norms.size()) out.norms.resize(each.norms.size(), 0);
    for (size_t k = 0; k < each.norms.size(); ++k) {
      out.norms[k] += each.norms[k] / all / static_cast<double>(curves.size());
    }
    out.last_step = std::max(out.last_step, each.last_step);
  }
  return out;
}

}  // namespace recur
