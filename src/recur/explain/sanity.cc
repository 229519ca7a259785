#include "recur/explain/sanity.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "recur/base/error.h"

namespace recur {
namespace {

std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (size_t k = begin; k < end; ++k) ranks[order[k]] = static_cast<double>(begin + end - 1) / 2;
    begin = end;
  }
  return ranks;
}

}  // namespace

void randomise(Module& module, Random& random) {
  Tensors learnt = module.parameters();
  for (const NamedTensor& buffer : module.named_buffers()) {
    if (buffer.name.ends_with(".weight")) learnt.push_back(buffer.value);
  }
  for (Tensor parameter : learnt) {
    const Tensor plain = parameter.clone(DType::kF64);
    const auto values = plain.values<double>();
    double sum = 0, squares = 0;
    for (const double each : values) {
      sum += each;
      squares += each * each;
    }
    const auto count = static_cast<double>(std::max<size_t>(values.size(), 1));
    const double mean = sum / count, deviation = std::sqrt(std::max(squares / count - mean * mean, 0.0));
    dispatch_float("randomise", parameter.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T* to = parameter.data<T>();
      for (size_t i = 0; i < values.size(); ++i) to[i] = static_cast<T>(mean + deviation * double{random.normal()});
    });
  }
}

double rank_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size())
    fail("rank_correlation: expected two lists of one length, got {} and {}", a.size(), b.size());
  const std::vector<double> x = ranks_of(a), y = ranks_of(b);
  const double mean = (static_cast<double>(a.size()) - 1) / 2;
  double xx = 0, yy = 0, xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean) * (x[i] - mean);
    yy += (y[i] - mean) * (y[i] - mean);
    xy += (x[i] - mean) * (y[i] - mean);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace recur
